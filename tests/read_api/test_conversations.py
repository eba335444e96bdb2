"""GET conversations/: each with its last messages, its window and what is waiting in it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from psycopg import Connection

from tests.read_api import rows
from tests.read_api.rows import ANA, NUMBER, at

Inbox = Connection[Any]


async def listed(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get("conversations/", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["conversations"]
    return found


def ids(found: list[dict[str, Any]]) -> list[int]:
    return [one["id"] for one in found]


async def test_a_conversation_has_all_keys_of_the_contract(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(
        inbox, 1, message_count=3, unread_count=2, last_message_id=4, last_outgoing_at=at(2)
    )
    rows.message(inbox, 1, replied=True)
    rows.message(inbox, 2, direction="out", failed_at=at(3))
    rows.message(inbox, 3)
    rows.message(inbox, 4, text_body=None, caption="the roof", message_type="image")
    rows.reach(inbox, 9)

    answer = await client.get("conversations/")
    (found,) = answer.json()["conversations"]

    assert [1, 2, 3, 4] == [message["id"] for message in found.pop("messages")]
    assert {
        "id": 1,
        "phone_number": ANA,
        "contact_name": "Ana",
        "last_message_at": "2026-11-16T10:00:01Z",
        "unread_count": 2,
        "message_count": 3,
        "customer": {
            "id": 1,
            "wa_id": ANA,
            "phone_e164": f"+{ANA}",
            "user_id": None,
            "username": None,
            "profile_name": "Ana",
            "display_name": "Ana",
        },
        "phone_number_id": NUMBER,
        "group_id": None,
        "last_message": {
            "preview": "the roof",
            "type": "image",
            "direction": "in",
            "status": "received",
        },
        "waiting_since": "2026-11-16T10:00:03Z",
        "window_expires_at": "2026-11-17T10:00:01Z",
        "window": "closed",
        "assignee": None,
        "state": "open",
        "labels": [],
        "notes_count": 0,
        "notes": None,
        "customer_email": None,
        "failed_count": 1,
        "position": 4,
    } == found
    assert (1, "9") == (answer.json()["count"], answer.headers["X-Log-Position"])


async def test_the_last_ten_messages_come_oldest_first(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(inbox, 1)
    rows.conversation(inbox, 2, phone_number="4915112345678")
    for id_ in range(1, 13):
        rows.message(inbox, id_)
    rows.message(inbox, 13, conversation_id=2)
    rows.revision(inbox, 14, "wamid.12", "edited", "better")

    second, first = await listed(client)

    assert list(range(3, 13)) == [message["id"] for message in first["messages"]]
    assert [13] == [message["id"] for message in second["messages"]]
    assert "better" == first["messages"][-1]["text_body"] == first["last_message"]["preview"]


@pytest.mark.parametrize(("wanted", "expected"), [(0, []), (1, [3]), (2, [2, 3]), (10, [1, 2, 3])])
async def test_fewer_messages_can_be_asked_for(
    client: httpx.AsyncClient, inbox: Inbox, wanted: int, expected: list[int]
) -> None:
    rows.conversation(inbox, 1)
    for id_ in (1, 2, 3):
        rows.message(inbox, id_)

    (found,) = await listed(client, messages=wanted)

    assert expected == [message["id"] for message in found["messages"]]
    assert "hola 3" == found["last_message"]["preview"]


@pytest.mark.parametrize(
    ("ago", "window"),
    [
        (timedelta(hours=1), "open"),
        (timedelta(hours=21), "closing"),
        (timedelta(hours=25), "closed"),
    ],
)
async def test_the_window_is_open_for_a_day_after_the_customers_last_message(
    client: httpx.AsyncClient, inbox: Inbox, ago: timedelta, window: str
) -> None:
    rows.conversation(inbox, 1, last_incoming_at=datetime.now(UTC) - ago)

    (found,) = await listed(client)

    assert window == found["window"]


async def test_without_an_incoming_message_there_is_no_window(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(inbox, 1, last_incoming_at=None)

    (found,) = await listed(client)

    assert ("closed", None, None) == (
        found["window"],
        found["window_expires_at"],
        found["waiting_since"],
    )


@pytest.fixture
def three(inbox: Inbox) -> Inbox:
    rows.conversation(inbox, 1, unread_count=0)
    rows.conversation(inbox, 2, phone_number="551187654321", phone_number_id="777")
    rows.conversation(inbox, 3, phone_number=None, user_id="BR.8f", last_message_at=at(2))
    return inbox


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [3, 2, 1]),
        ({"sort": "last_message_at"}, [1, 2, 3]),
        ({"limit": 1}, [3]),
        ({"unread": "true"}, [3, 2]),
        ({"unread": "false"}, [1]),
        ({"phone_number_id": "777"}, [2]),
        ({"phone": ANA}, [2, 1]),
        ({"phone": ANA, "phone_match": "exact"}, [1]),
        ({"phone": "87654321", "phone_match": "suffix"}, [2, 1]),
        ({"phone": ANA, "unread": "true"}, [2]),
        ({"phone": "4915112345678"}, []),
    ],
)
async def test_each_parameter_narrows_the_list(
    client: httpx.AsyncClient, three: Inbox, query: dict[str, Any], expected: list[int]
) -> None:
    assert expected == ids(await listed(client, **query))


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("messages=11", "messages"), ("messages=-1", "messages"), ("sort=name", "sort"),
     ("limit=201", "limit"), ("q=ana", "q"), ("phone=x", "phone"), ("unread=1", "unread")],
)  # fmt: skip
async def test_what_is_not_understood_is_refused_by_name(
    client: httpx.AsyncClient, query: str, parameter: str
) -> None:
    answer = await client.get(f"conversations/?{query}")

    assert (400, parameter) == (answer.status_code, answer.json()["errors"][0]["parameter"])


async def test_pages_show_each_conversation_once_both_ways(
    client: httpx.AsyncClient, three: Inbox
) -> None:
    first = (await client.get("conversations/?limit=2")).json()
    second = (await client.get(f"conversations/?limit=2&cursor={first['next_cursor']}")).json()
    back = (await client.get(f"conversations/?limit=2&cursor={second['prev_cursor']}")).json()

    assert ([3, 2], [1], [3, 2]) == tuple(ids(p["conversations"]) for p in (first, second, back))
    assert (None, False) == (second["next_cursor"], second["has_more"])
