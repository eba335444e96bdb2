"""One database and one started application for the tests that don't mind each other's rows."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from events.database import connect
from tests.conftest import new_database
from tests.write_side.desk import Desk
from tests.write_side.posting import Store, client_for
from wharf.keys import create_key


@pytest.fixture(scope="session")
def shared(server: str, template: str) -> Iterator[Store]:
    """A database that only ever gets more rows."""
    with new_database(server, template) as url:
        yield Store(url)


@pytest.fixture
async def client(shared: Store) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(shared.url) as client:
        yield client


@pytest.fixture
def store(database: str) -> Store:
    """A database of the test's own."""
    return Store(database)


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[Desk]:
    with connect(store.url, "wharf_owner") as conn:
        key = create_key(conn, "agent", ["conversations:write", "conversations:read", "pii:read"])
    async with client_for(store.url) as client:
        client.headers["X-Api-Key"] = key.token
        desk = Desk(store, client)
        with desk.inbox.conn:
            yield desk
