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
