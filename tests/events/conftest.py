"""A log of the test's own, and a connection that may append to it."""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
from psycopg import sql

from tests.conftest import new_database
from tests.events.given import Conn, writing


@pytest.fixture(scope="package")
def reused_database(server: str, template: str) -> Iterator[str]:
    with new_database(server, template) as url:
        yield url


@pytest.fixture
def database(reused_database: str) -> str:
    """Conninfo of a database with an empty log: emptied, which is quicker than a new one.

    Only a superuser can, and only by taking the triggers away.
    """
    with psycopg.connect(reused_database) as conn:
        for table in ("events", "deliveries", "delivery_items"):
            names = {
                "table": sql.Identifier("log", table),
                "trigger": sql.Identifier(f"{table}_are_append_only"),
            }
            for step in (
                "alter table {table} disable trigger {trigger}",
                "truncate {table}",
                "alter table {table} enable always trigger {trigger}",
            ):
                conn.execute(sql.SQL(step).format(**names))
    return reused_database


@pytest.fixture
async def log(database: str) -> AsyncIterator[Conn]:
    async with writing(database) as conn:
        yield conn
