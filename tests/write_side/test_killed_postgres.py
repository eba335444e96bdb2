"""kill -9 of PostgreSQL while deliveries come in: no 200 is lost, and the service goes on."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.write_side.posting import (
    Store,
    client_for,
    delivery,
    eventually,
    post,
)
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import apply_schema


@pytest.mark.slow
async def test_a_killed_postgres_costs_503_until_it_is_back(tmp_path: Path) -> None:
    """All of its processes at once, while deliveries come in; it recovers by its supervisor."""
    folder = tmp_path / "postgres"
    acknowledged: list[bytes] = []
    with EmbeddedPostgres(folder) as url:
        apply_schema(url)
        store = Store(url)
        async with client_for(url) as client:
            for _ in range(3):
                await kill_under_load(client, store, folder, acknowledged)
        assert len(acknowledged) > 60
        assert [] == [body for body in acknowledged if not store.has(body)]
        assert [(0,)] == store.rows("select max(position) - count(*) from log.events")


async def kill_under_load(
    client: httpx.AsyncClient, store: Store, folder: Path, acknowledged: list[bytes]
) -> None:
    loading = [asyncio.create_task(load(client, acknowledged)) for _ in range(4)]
    enough = len(acknowledged) + 20
    await eventually(lambda: more_than(acknowledged, enough))
    started = store.rows("select pg_postmaster_start_time()")
    os.kill(int((folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    assert {"refused"} == {await each for each in loading}
    await eventually(lambda: came_back(store, started))
    await eventually(lambda: retried(client, delivery()))


async def load(client: httpx.AsyncClient, acknowledged: list[bytes]) -> str:
    while True:
        body = delivery()
        answer = await post(client, body)
        if answer.status_code != 200:
            assert 503 == answer.status_code
            return "refused"
        acknowledged.append(body)


async def more_than(acknowledged: list[bytes], number: int) -> bool:
    return len(acknowledged) > number


async def came_back(store: Store, started: object) -> bool:
    try:
        return store.rows("select pg_postmaster_start_time()") != started
    except psycopg.OperationalError:
        return False


async def retried(client: httpx.AsyncClient, body: bytes) -> bool:
    return (await post(client, body)).status_code == 200
