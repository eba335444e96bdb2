"""GET messages/{id}/: one message with everything that became of it."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest
from psycopg import Connection

from tests.read_api import rows
from tests.read_api.rows import at

Inbox = Connection[Any]


async def test_a_message_is_found_by_our_id_and_by_metas(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    wamid = "wamid.HBgN/NTUx+MQ=="
    rows.message(inbox, 7, message_id=wamid)

    for name in ("7", wamid, quote(wamid, safe="")):
        for slash in ("", "/"):
            answer = await client.get(f"messages/{name}{slash}")
            assert (200, 7) == (answer.status_code, answer.json()["id"])


@pytest.mark.parametrize("name", ["8", "wamid.8", "0", "9" * 18, "9" * 40, "a%00b", "%F0%9F%91%8D"])
async def test_what_is_no_message_is_not_found(
    client: httpx.AsyncClient, inbox: Inbox, name: str
) -> None:
    rows.message(inbox, 7)

    answer = await client.get(f"messages/{name}/")

    assert (404, "not-found") == (answer.status_code, answer.json()["code"])


async def test_the_timeline_tells_each_status_in_order(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.message(inbox, 1, direction="out", sent_at=at(3), failed_at=at(4))
    rows.status(
        inbox, 4, "wamid.1", "failed", error_code=131047, error_title="Re-engagement message",
        error_message="Re-engagement message", error_details="More than 24 hours",
        errors=[{"code": 131047, "href": "https://developers.facebook.com/x"}],
    )  # fmt: skip
    rows.status(
        inbox, 3, "wamid.1", "sent", pricing={"billable": True, "category": "service"},
        conversation={"id": "c", "origin": "utility"}, received_at=at(5),
    )  # fmt: skip
    rows.status(inbox, 6, "wamid.2", "sent")
    rows.status(inbox, 7, "wamid.1", "sent", phone_number_id="another number")

    answer = (await client.get("messages/1/")).json()

    assert [
        {
            "status": "sent",
            "at": "2026-11-16T10:00:03Z",
            "received_at": "2026-11-16T10:00:05.000Z",
            "position": 3,
            "participant": None,
            "error": None,
            "pricing": {"billable": True, "category": "service"},
            "conversation_category": "utility",
        },
        {
            "status": "failed",
            "at": "2026-11-16T10:00:04Z",
            "received_at": "2026-11-16T10:00:04.000Z",
            "position": 4,
            "participant": None,
            "error": {
                "code": 131047,
                "title": "Re-engagement message",
                "message": "Re-engagement message",
                "details": "More than 24 hours",
                "href": "https://developers.facebook.com/x",
            },
            "pricing": None,
            "conversation_category": None,
        },
    ] == answer["status_timeline"]
    assert [1, 3, 4] == answer["delivery_ids"]


async def test_the_versions_are_the_original_and_its_edits(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.message(inbox, 1, text_body="helo")
    rows.message(inbox, 2)
    rows.revision(inbox, 3, "wamid.1", "edited", "hello")
    rows.revision(inbox, 4, "wamid.1", "deleted")

    edited = (await client.get("messages/1/")).json()

    assert ("hello", True, True) == (edited["text_body"], edited["edited"], edited["deleted"])
    assert [("helo", 1), ("hello", 3)] == [
        (version["text_body"], version["position"]) for version in edited["versions"]
    ]
    assert [] == (await client.get("messages/2/")).json()["versions"]


async def test_an_unknown_parameter_is_refused_here_too(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.message(inbox, 1)

    assert 400 == (await client.get("messages/1/?fields=id")).status_code
