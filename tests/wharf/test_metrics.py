"""What Prometheus is told."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from events.database import connect
from tests.projections.waking import projecting
from tests.write_side.posting import client_for, delivery, post
from wharf.keys import create_key


@pytest.fixture
async def client(database: str) -> AsyncIterator[httpx.AsyncClient]:
    with connect(database, "wharf_owner") as conn:
        key = create_key(conn, "prometheus", ["stats:read"]).token
    async with client_for(database) as client:
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


async def told(client: httpx.AsyncClient) -> dict[str, float]:
    answer = await client.get("/metrics")
    assert (200, "text/plain") == (
        answer.status_code,
        answer.headers["content-type"].split(";")[0],
    )
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


async def test_what_came_and_what_became_of_it(client: httpx.AsyncClient, database: str) -> None:
    before = await told(client)
    body = delivery()
    for _ in range(2):
        await post(client, body)
    await post(client, delivery())
    await post(client, delivery(), "another secret, which is not ours")

    after = await told(client)

    assert "wharf_last_delivery_timestamp_seconds" in before
    assert 0.0 == before["wharf_log_head"] == before["wharf_last_delivery_timestamp_seconds"]
    assert 3.0 == after['wharf_webhook_answers_total{status="200"}']
    assert 1.0 == after['wharf_webhook_answers_total{status="401"}']
    assert 2.0 == after["wharf_log_head"] == after['wharf_deliveries{outcome="stored"}']
    assert 2.0 == after['wharf_view_lag_events{view="inbox"}']
    assert after['wharf_view_lag_seconds{view="inbox"}'] > 0
    assert 3.0 == after["wharf_append_deliveries_sum"]
    assert 3.0 == after["wharf_append_seconds_count"]
    assert after["wharf_last_delivery_timestamp_seconds"] > 1_700_000_000

    with projecting(database) as working:
        working.catch_up("inbox")
    settled = await told(client)
    assert 0.0 == settled['wharf_view_lag_events{view="inbox"}']
    assert 0.0 == settled['wharf_view_lag_seconds{view="inbox"}']
    assert 0.0 == settled['wharf_view_poison{view="inbox"}']


async def test_nothing_in_it_names_a_person(client: httpx.AsyncClient) -> None:
    await post(client, delivery(phone="5511987654321"))

    page = (await client.get("/metrics")).text

    assert "5511987654321" not in page
    assert re.search(r"^wharf_open_streams 0", page, re.MULTILINE)


async def test_it_takes_a_key(client: httpx.AsyncClient) -> None:
    del client.headers["Authorization"]

    assert 401 == (await client.get("/metrics")).status_code
