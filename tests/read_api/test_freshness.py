"""Read your writes: wait for a position, and say so when it does not come."""

import asyncio
from typing import Any

import httpx
import pytest
from psycopg import Connection

from tests.read_api import rows

Inbox = Connection[Any]


@pytest.mark.parametrize("path", ["messages/", "messages/1/", "conversations/", "statuses/"])
async def test_a_position_that_is_reached_costs_no_wait(
    client: httpx.AsyncClient, inbox: Inbox, path: str
) -> None:
    rows.message(inbox, 1)
    rows.reach(inbox, 5)

    by_header = await client.get(path, headers={"X-Min-Position": "5", "Prefer": "wait=0"})
    by_parameter = await client.get(path, params={"min_position": 5})

    assert (200, 200) == (by_header.status_code, by_parameter.status_code)
    assert "X-Stale" not in by_header.headers


@pytest.mark.parametrize("path", ["messages/", "messages/9/", "conversations/", "statuses/"])
async def test_a_position_that_does_not_come_is_a_problem_with_both_numbers(
    client: httpx.AsyncClient, inbox: Inbox, path: str
) -> None:
    rows.reach(inbox, 5)

    answer = await client.get(path, headers={"X-Min-Position": "6", "Prefer": "wait=0"})

    assert (503, "projection-behind") == (answer.status_code, answer.json()["code"])
    assert (6, 5) == (answer.json()["required"], answer.json()["current"])
    assert "1" == answer.headers["Retry-After"]


async def test_a_stale_answer_is_taken_by_those_who_allow_it(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.message(inbox, 1)
    rows.reach(inbox, 5)

    answer = await client.get("messages/?min_position=6&stale=allow", headers={"Prefer": "wait=0"})

    assert (200, 1) == (answer.status_code, answer.json()["count"])
    assert ("true", "5") == (answer.headers["X-Stale"], answer.headers["X-Log-Position"])


async def test_a_reader_waits_until_its_write_is_there(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    """Also for a message that was not there at the first look, which is no 404 then."""
    asked = [
        asyncio.create_task(client.get(path, headers={"X-Min-Position": "6", "Prefer": "wait=10"}))
        for path in ("messages/", "messages/6/")
    ]
    # One answer in between, so that both have had their first look.
    await client.get("messages/")
    rows.message(inbox, 6)
    rows.reach(inbox, 6)

    listed, detail = await asyncio.gather(*asked)

    assert [6] == [message["id"] for message in listed.json()["messages"]]
    assert (200, 6) == (detail.status_code, detail.json()["id"])
    assert "X-Stale" not in listed.headers
