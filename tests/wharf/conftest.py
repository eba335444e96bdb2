"""One database for the tests of keys and users: emptying it takes less than making another."""

from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg import AsyncConnection, sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from events.database import Pool, connect_async, writing_pool


@pytest.fixture(scope="session")
def shared_access_database(server: str, template: str) -> str:
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(sql.SQL("create database access template {}").format(sql.Identifier(template)))
    return make_conninfo(server, dbname="access")


@pytest.fixture
def access_database(shared_access_database: str) -> str:
    """Conninfo of a database that has neither keys nor users."""
    with psycopg.connect(shared_access_database, autocommit=True) as conn:
        conn.execute("truncate ops.users, ops.sign_in_links, ops.sessions, ops.api_keys")
    return shared_access_database


@pytest.fixture
async def access_pool(access_database: str) -> AsyncIterator[Pool]:
    """As the web side has it."""
    async with writing_pool(access_database, size_max=4) as pool:
        yield pool


@pytest.fixture
async def access_conn(access_database: str) -> AsyncIterator[AsyncConnection[TupleRow]]:
    """As the web side has it: acting as wharf_write."""
    async with await connect_async(access_database, "wharf_write") as conn:
        yield conn
