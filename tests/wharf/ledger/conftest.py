"""A database of the test's own, and an operator in front of the application on it."""

from collections.abc import AsyncIterator

import pytest

from tests.wharf.ledger.desk import Desk, desk_at
from tests.write_side.posting import Store


@pytest.fixture
def store(database: str) -> Store:
    return Store(database)


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[Desk]:
    async with desk_at(store) as desk:
        yield desk
