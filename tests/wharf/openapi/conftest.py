"""The demo's day in one database for all tests of the document that only read."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import new_database
from tests.wharf.openapi.world import World, asking, make_world


@pytest.fixture(scope="session")
def world(server: str, template: str) -> Iterator[World]:
    with new_database(server, template) as url:
        yield asyncio.run(make_world(url))


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(world) as client:
        yield client


@pytest.fixture
async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/api/openapi.json")).json()
    return found
