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
        inbox, 1, message_count=3, unread_count=2, last_message_id=4, last_id=4,
        last_outgoing_at=at(2), waiting_since=at(3), failed_count=1,
    )  # fmt: skip
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
        "snoozed_until": None,
        "labels": [],
        "marked_unread": False,
        "notes_count": 0,
        "notes": None,
        "customer_email": None,
        "external_id": None,
        "attributes": {},
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
    [("messages=11", "messages"), ("messages=-1", "messages"), ("sort=phone", "sort"),
     ("window=ajar", "window"), ("assignee=", "assignee"), ("state=closed", "state"),
     ("assignee=me", "assignee"), ("from=2026-11-17&to=2026-11-16", "to"),
     ("limit=201", "limit"), ("q=", "q"), ("q_mode=all", "q_mode"),
     ("phone=x", "phone"), ("unread=1", "unread")],
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


@pytest.fixture
def several(inbox: Inbox) -> Inbox:
    """Five conversations, each with something of its own; the time is shortly after Monday ten."""
    now = datetime.now(UTC)
    rows.conversation(inbox, 1, assignee="luis", labels="{new,vip}", display_name="Zoé")
    rows.conversation(
        inbox, 2, phone_number="12", state_said="done", contact_name="bia", failed_count=1,
        last_incoming_at=now - timedelta(hours=1), waiting_since=at(2),
    )  # fmt: skip
    rows.conversation(
        inbox, 3, phone_number="13", state_said="snoozed", snoozed_until=now + timedelta(hours=1),
        unread_count=0, last_incoming_at=now - timedelta(hours=23), contact_name="Caro",
    )  # fmt: skip
    rows.conversation(
        inbox, 4, phone_number="14", state_said="snoozed", snoozed_until=now - timedelta(hours=1),
        unread_count=0, marked_unread=True, waiting_since=at(1), contact_name=None,
        last_incoming_at=None, assignee="eva",
    )  # fmt: skip
    rows.conversation(
        inbox, 5, phone_number="15", unread_count=0, state_said="done", state_id=5,
        last_incoming_id=6, contact_name="dora",
    )  # fmt: skip
    return inbox


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"unanswered": "true"}, [4, 2]),
        ({"unanswered": "false"}, [5, 3, 1]),
        ({"window": "open"}, [2]),
        ({"window": "closing"}, [3]),
        ({"window": "closed"}, [5, 4, 1]),
        ({"assignee": "luis"}, [1]),
        ({"assignee": "none"}, [5, 3, 2]),
        ({"state": "open"}, [5, 4, 1]),
        ({"state": "done"}, [2]),
        ({"state": "snoozed"}, [3]),
        ({"label": "vip"}, [1]),
        ({"label": "old"}, []),
        ({"has_failed": "true"}, [2]),
        ({"has_failed": "false", "unread": "true"}, [4, 1]),
        ({"from": "2026-11-16T10:00:02Z", "to": "2026-11-16T10:00:04Z"}, [3, 2]),
        ({"from": "2026-11-16", "tz": "Asia/Tokyo", "to": "2026-11-17"}, [5, 4, 3, 2, 1]),
        ({"sort": "-unread"}, [4, 2, 1, 5, 3]),
        ({"sort": "name"}, [4, 2, 3, 5, 1]),
        ({"sort": "-name"}, [1, 5, 3, 2, 4]),
        ({"sort": "window_expires_at", "window": "open"}, [2]),
        ({"sort": "-window_expires_at"}, [2, 3, 5, 1, 4]),
        ({"sort": "waiting_since"}, [4, 2, 1, 3, 5]),
    ],
    ids=str,
)
async def test_the_desk_can_be_filtered_and_sorted(
    client: httpx.AsyncClient, several: Inbox, query: dict[str, Any], expected: list[int]
) -> None:
    assert expected == ids(await listed(client, messages=0, **query))


@pytest.mark.parametrize("sort", ["-unread", "name", "-window_expires_at", "waiting_since"])
async def test_pages_go_on_in_every_order(
    client: httpx.AsyncClient, several: Inbox, sort: str
) -> None:
    whole = ids(await listed(client, sort=sort))
    paged, cursor = [], None
    while True:
        query: dict[str, Any] = {"sort": sort, "limit": 2}
        query |= {"cursor": cursor} if cursor else {}
        page = (await client.get("conversations/", params=query)).json()
        paged += ids(page["conversations"])
        cursor = page["next_cursor"]
        if cursor is None:
            break
    back = (await client.get("conversations/", params={
        "sort": sort, "limit": 2, "cursor": page["prev_cursor"],
    })).json()  # fmt: skip

    assert whole == paged
    assert whole[2:4] == ids(back["conversations"])


async def test_what_was_put_off_until_now_is_open_and_says_nothing_of_it(
    client: httpx.AsyncClient, several: Inbox
) -> None:
    shown = {one["id"]: (one["state"], one["snoozed_until"]) for one in await listed(client)}

    assert ("open", None) == shown[4]
    assert "snoozed" == shown[3][0]
    assert shown[3][1].endswith("Z")


async def test_our_own_name_for_a_customer_wins_and_the_profile_name_stays(
    client: httpx.AsyncClient, several: Inbox
) -> None:
    """Complaint 23: the name was overwritten by the profile's."""
    rows.message(several, 1)

    found = (await listed(client, label="vip"))[0]
    message = found["messages"][0]

    assert ("Zoé", "Ana") == (found["customer"]["display_name"], found["customer"]["profile_name"])
    assert "Zoé" == message["customer"]["display_name"]
