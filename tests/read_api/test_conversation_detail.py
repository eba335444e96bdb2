"""GET conversations/{id}/: one conversation, under its id and those it had before."""

from typing import Any

import httpx
import pytest
from psycopg import Connection

from tests.read_api import rows

Inbox = Connection[Any]


async def test_a_conversation_is_as_in_the_list(client: httpx.AsyncClient, inbox: Inbox) -> None:
    rows.conversation(inbox, 1, message_count=2, unread_count=2, last_message_id=2)
    rows.message(inbox, 1)
    rows.message(inbox, 2)
    rows.conversation(inbox, 3, phone_number="5511900000003")
    rows.message(inbox, 3, conversation_id=3)
    listed = (await client.get("conversations/")).json()["conversations"]

    answer = await client.get("conversations/1/")

    assert [one for one in listed if one["id"] == 1] == [answer.json()]


async def test_an_id_from_before_a_merge_leads_to_the_conversation(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(inbox, 1)
    rows.message(inbox, 1)
    rows.message(inbox, 4, conversation_id=1)

    answer = await client.get("conversations/4/", params={"messages": "0"})

    assert (1, []) == (answer.json()["id"], answer.json()["messages"])


@pytest.mark.parametrize("id_", ["7", "0", "ana", "9" * 30])
async def test_what_is_no_conversation_is_not_found(
    client: httpx.AsyncClient, inbox: Inbox, id_: str
) -> None:
    assert 404 == (await client.get(f"conversations/{id_}/")).status_code


async def test_an_old_id_is_answered_with_where_the_conversation_is_now(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(inbox, 1)
    rows.message(inbox, 1)
    rows.message(inbox, 2)

    old, own = await client.get("conversations/2/"), await client.get("conversations/1/")

    assert (1, "/api/whatsapp/conversations/1/") == (
        old.json()["id"],
        old.headers["Content-Location"],
    )
    assert "Content-Location" not in own.headers


async def test_who_has_the_answer_already_is_told_that_nothing_changed(
    client: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(inbox, 1, last_id=1, said_id=4)
    rows.message(inbox, 1)
    rows.reach(inbox, 9)
    tag = (await client.get("conversations/1/")).headers["ETag"]

    again = await client.get("conversations/1/", headers={"If-None-Match": f'"x", {tag}'})
    inbox.execute("update conversations set unread_count = 0")
    changed = await client.get("conversations/1/", headers={"If-None-Match": tag})

    assert tag.startswith('W/"inbox-1-4-')
    assert (304, b"", tag, "9") == (
        again.status_code,
        again.content,
        again.headers["ETag"],
        again.headers["X-Log-Position"],
    )
    assert 200 == changed.status_code
    assert tag != changed.headers["ETag"]
