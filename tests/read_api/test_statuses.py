"""GET statuses/: every change of every message's status."""

from typing import Any

import httpx
import pytest
from psycopg import Connection

from tests.read_api import rows
from tests.read_api.rows import ANA, NUMBER, at

Inbox = Connection[Any]


async def test_a_status_has_all_keys_of_the_contract(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.status(
        inbox, 4, "wamid.1", "failed", error_code=131047, error_title="Re-engagement",
        error_message="Re-engagement message", error_details="over 24 h", errors=[{"code": 131047}],
        pricing={"billable": False}, callback_data="order 7", received_at=at(4.5),
    )  # fmt: skip
    rows.reach(inbox, 4)

    answer = (await client.get("statuses/")).json()

    assert {
        "count": 1,
        "statuses": [
            {
                "id": 4,
                "message_id": "wamid.1",
                "recipient_number": ANA,
                "status": "failed",
                "timestamp": "2026-11-16T10:00:04Z",
                "error_code": 131047,
                "error_message": "Re-engagement message",
                "recipient_user_id": None,
                "group_id": None,
                "participant": None,
                "phone_number_id": NUMBER,
                "received_at": "2026-11-16T10:00:04.500Z",
                "position": 4,
                "error": {
                    "code": 131047,
                    "title": "Re-engagement",
                    "message": "Re-engagement message",
                    "details": "over 24 h",
                    "href": None,
                },
                "pricing": {"billable": False},
                "conversation": None,
                "callback_data": "order 7",
            }
        ],
        "next_cursor": None,
        "prev_cursor": None,
        "has_more": False,
        "position": 4,
        "total": None,
        "total_is_capped": None,
        "phone_candidates": None,
    } == answer


@pytest.fixture
def five(inbox: Inbox) -> Inbox:
    rows.conversation(inbox, 1)
    rows.conversation(inbox, 2, phone_number="551187654321")
    rows.status(inbox, 1, "wamid.1", "sent")
    rows.status(inbox, 2, "wamid.1", "delivered", recipient_number="551187654321")
    rows.status(inbox, 3, "wamid.2", "failed", error_code=131047, phone_number_id="777")
    rows.status(inbox, 4, "wamid.2", "sent", recipient_number=None, recipient_user_id="BR.8f")
    rows.status(inbox, 5, "wamid.3", "warning", recipient_number="4915112345678")
    return inbox


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"sort": "timestamp"}, [1, 2, 3, 4, 5]),
        ({"limit": 2}, [5, 4]),
        ({"message_id": "wamid.1"}, [2, 1]),
        ({"message_id": "wamid.9"}, []),
        ({"status": "sent"}, [4, 1]),
        ({"status": ["sent", "warning"]}, [5, 4, 1]),
        ({"error_code": 131047}, [3]),
        ({"phone_number_id": "777"}, [3]),
        ({"from": "2026-11-16T10:00:02Z", "to": "2026-11-16T10:00:04Z"}, [3, 2]),
        ({"from": "2026-11-17"}, []),
        ({"phone": ANA}, [3, 2, 1]),
        ({"phone": ANA, "phone_match": "exact"}, [3, 1]),
        ({"phone": "87654321", "phone_match": "suffix"}, [3, 2, 1]),
        ({"phone": ANA, "status": "sent"}, [1]),
        ({"phone": ANA, "sort": "timestamp", "limit": 2}, [1, 2]),
    ],
)
async def test_each_parameter_narrows_the_list(
    client: httpx.AsyncClient, five: Inbox, query: dict[str, Any], expected: list[int]
) -> None:
    answer = await client.get("statuses/", params=query)

    assert expected == [status["id"] for status in answer.json()["statuses"]]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("conversation=1", "conversation"), ("limit=0", "limit"), ("error_code=x", "error_code"),
     ("message_id=", "message_id"), ("to=x", "to"), ("sort=status", "sort"), ("phone=x", "phone")],
)  # fmt: skip
async def test_what_is_not_understood_is_refused_by_name(
    client: httpx.AsyncClient, query: str, parameter: str
) -> None:
    answer = await client.get(f"statuses/?{query}")

    assert (400, parameter) == (answer.status_code, answer.json()["errors"][0]["parameter"])


@pytest.mark.parametrize("query", ["", "&phone=" + ANA])
async def test_pages_show_each_status_once_both_ways(
    client: httpx.AsyncClient, inbox: Inbox, query: str
) -> None:
    for id_ in range(1, 6):
        rows.status(inbox, id_, f"wamid.{id_}", "sent", sorted_at=at(1))

    first = (await client.get(f"statuses/?limit=3{query}")).json()
    second = (await client.get(f"statuses/?limit=3{query}&cursor={first['next_cursor']}")).json()
    back = (await client.get(f"statuses/?limit=3{query}&cursor={second['prev_cursor']}")).json()

    assert ([5, 4, 3], [2, 1], [5, 4, 3]) == tuple(
        [status["id"] for status in answer["statuses"]] for answer in (first, second, back)
    )
