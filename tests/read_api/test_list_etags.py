"""Lists have an ETag: who asks again is told that nothing on the page has changed."""

from typing import Any

import httpx
import pytest
from psycopg import Connection

from tests.read_api import rows

Inbox = Connection[Any]

LISTS = [
    "messages/",
    "messages/1/",
    "conversations/",
    "conversations/1/messages/",
    "conversations/1/notes/",
    "customers/",
    "statuses/",
]


@pytest.fixture
def one(inbox: Inbox) -> Inbox:
    rows.conversation(inbox, 1)
    rows.message(inbox, 1)
    rows.status(inbox, 2, "wamid.1", "delivered")
    rows.reach(inbox, 2)
    return inbox


@pytest.mark.parametrize("path", LISTS)
async def test_a_page_that_is_the_same_is_not_sent_again(
    client: httpx.AsyncClient, one: Inbox, path: str
) -> None:
    first = await client.get(path)
    tag = first.headers["ETag"]
    rows.reach(one, 7)
    again = await client.get(path, headers={"If-None-Match": f'"other", {tag}'})

    assert (304, b"", tag) == (again.status_code, again.content, again.headers["ETag"])
    assert "7" == again.headers["X-Log-Position"]
    assert tag.startswith('W/"')


@pytest.mark.parametrize("path", ["messages/", "conversations/", "conversations/1/messages/"])
async def test_a_page_that_has_changed_has_another_one(
    client: httpx.AsyncClient, one: Inbox, path: str
) -> None:
    tag = (await client.get(path)).headers["ETag"]
    one.execute("update messages set read = true, text_body = 'edited'")

    again = await client.get(path, headers={"If-None-Match": tag})

    assert (200, True) == (again.status_code, again.headers["ETag"] != tag)


async def test_the_link_to_the_next_page_comes_with_it(
    client: httpx.AsyncClient, one: Inbox
) -> None:
    rows.message(one, 5)
    first = await client.get("messages/?limit=1")
    again = await client.get("messages/?limit=1", headers={"If-None-Match": first.headers["ETag"]})

    assert (304, first.headers["Link"]) == (again.status_code, again.headers["Link"])
