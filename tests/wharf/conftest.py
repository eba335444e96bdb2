"""One database for the tests of keys and users: emptying it takes less than making another."""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from events.database import Pool, connect_async, writing_pool
from tests.conftest import new_database


@pytest.fixture(scope="session")
def shared_access_database(server: str, template: str) -> Iterator[str]:
    with new_database(server, template) as url:
        yield url


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
