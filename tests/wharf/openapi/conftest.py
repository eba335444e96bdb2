"""The demo's day in one database for all tests of the document that only read."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.wharf.openapi.world import World, asking, make_world


@pytest.fixture(scope="session")
def world(server: str, template: str) -> World:
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(sql.SQL("create database world template {}").format(sql.Identifier(template)))
        conn.execute("grant create, temporary on database world to wharf_owner")
        conn.execute("grant temporary on database world to wharf_project")
    return asyncio.run(make_world(make_conninfo(server, dbname="world")))


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(world) as client:
        yield client


@pytest.fixture
async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/api/openapi.json")).json()
    return found
