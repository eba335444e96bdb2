"""The table of messages, and the page of one."""

import hashlib
from typing import Any

import httpx
import pytest
from psycopg import Connection

from read_api.ledger import Original
from tests.read_api import rows
from tests.read_api.pages.seeing import nothing_acts, seen
from tests.read_api.pages.test_inbox import HOSTILE
from tests.read_api.rows import at
from wharf.ledger import LogLedger

Inbox = Connection[Any]


@pytest.fixture
def some(inbox: Inbox) -> Inbox:
    rows.conversation(inbox, 1)
    for id_ in range(1, 4):
        rows.message(inbox, id_)
    rows.message(
        inbox, 4, direction="out", failed_at=at(6), error_code=131047, error_title="Re-engagement"
    )
    rows.message(inbox, 5, message_type="image", text_body=None, media={"media_id": "9"})
    return inbox


async def test_the_newest_are_on_top_and_lead_to_their_pages(
    browser: httpx.AsyncClient, some: Inbox
) -> None:
    page = await seen(browser, "/messages")

    rows_shown = [link for link in page.links() if link.startswith("/messages/")]
    assert [f"/messages/{id_}" for id_ in (5, 4, 3, 2, 1)] == rows_shown
    assert "/inbox/1?m=4#m4" in page.links()
    assert "5 messages" in page.text


async def test_a_filter_can_be_added_seen_and_taken_away(
    browser: httpx.AsyncClient, some: Inbox
) -> None:
    page = await seen(browser, "/messages?type=text&limit=100")

    assert "/messages?type=text&limit=100&direction=out" in page.links()
    assert page.having("aria-label", "Remove the filter Type: Text")
    assert "/messages?limit=100" in page.links()
    assert "4 messages" in page.text


async def test_a_search_is_counted_when_somebody_wants_to_know(
    browser: httpx.AsyncClient, some: Inbox
) -> None:
    rows.find(some)
    whole = await seen(browser, "/messages?q=hola")
    first = await seen(browser, "/messages?q=hola&limit=2")
    (count,) = [link for link in first.links() if "count=" in link]
    counted = await seen(browser, count)

    assert "4 messages" in whole.text
    assert "4 messages" not in first.text
    assert "/messages?q=hola&limit=2&count=capped" == count
    assert "4 messages" in counted.text
    assert not [link for link in counted.links() if "count=" in link]


async def test_headers_sort_and_say_how(browser: httpx.AsyncClient, some: Inbox) -> None:
    page = await seen(browser, "/messages?sort=type")

    assert [{"scope": "col", "aria-sort": "ascending"}] == page.having("aria-sort", "ascending")
    assert "/messages?sort=-type" in page.links()
    assert "/messages?sort=-received_at" not in page.links()


async def test_columns_are_chosen_in_the_address(browser: httpx.AsyncClient, some: Inbox) -> None:
    page = await seen(browser, "/messages?columns=id&columns=error&columns=gone")

    assert 3 == len(page.having("scope", "col"))
    assert "131047 Re-engagement" in page.text


async def test_pages_go_on_by_cursor_with_the_same_filter(
    browser: httpx.AsyncClient, some: Inbox
) -> None:
    first = await seen(browser, "/messages?limit=2&type=text")
    (older,) = [attrs["href"] for _, attrs in first.tags if attrs.get("rel") == "next"]
    second = await seen(browser, str(older))

    assert [f"/messages/{id_}" for id_ in (2, 1)] == [
        link for link in second.links() if link.startswith("/messages/")
    ]
    assert second.having("rel", "prev")


async def test_a_question_that_makes_no_sense_is_answered_beside_the_filters(
    browser: httpx.AsyncClient, some: Inbox
) -> None:
    page = await seen(browser, "/messages?phone=nobody&type=text", 400)

    assert "phone: has to be a phone number" in page.text
    assert page.having("aria-label", "Remove the filter Type: Text")


async def test_what_is_not_there_is_said(browser: httpx.AsyncClient, some: Inbox) -> None:
    assert "No message fits." in (await seen(browser, "/messages?type=order")).text


async def test_a_table_of_hostile_messages_is_text(
    browser: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(inbox, 1, contact_name=HOSTILE)
    rows.message(inbox, 1, text_body=HOSTILE, message_type=HOSTILE, customer_name=HOSTILE)

    nothing_acts(await seen(browser, "/messages?columns=who&columns=type&columns=text"))


async def test_a_message_tells_its_story_with_the_time_between_the_steps(
    browser: httpx.AsyncClient, some: Inbox
) -> None:
    rows.status(some, 6, "wamid.4", "sent", timestamp=at(5))
    rows.status(some, 7, "wamid.4", "failed", timestamp=at(70), error_code=131047)

    page = await seen(browser, "/messages/4")

    assert "after 1 s" in page.text
    assert "after 1 min 5 s" in page.text
    assert "131047" in page.text


async def test_a_message_is_found_by_meta_s_id_too(browser: httpx.AsyncClient, some: Inbox) -> None:
    assert "hola 1" in (await seen(browser, "/messages/wamid.1")).text


@pytest.mark.parametrize("id_", ["99", "nothing", "9" * 30])
async def test_what_is_no_message_is_not_found(
    browser: httpx.AsyncClient, some: Inbox, id_: str
) -> None:
    await seen(browser, f"/messages/{id_}", 404)


async def test_a_message_shows_the_item_that_it_came_as(
    browser: httpx.AsyncClient, some: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b'{"entry": [{"text": "<script>alert(1)</script>"}]}'

    async def original(ledger: LogLedger, id_: int, pointer: str = "") -> Original:
        return Original(7, body, hashlib.sha256(body).digest(), "abcd1234", "/entry/0", 9)

    monkeypatch.setattr(LogLedger, "original", original)

    page = await seen(browser, "/messages/1")

    assert '"text": "<script>alert(1)</script>"' in page.text
    assert '"entry"' not in page.text
    assert "verified" in page.text
    nothing_acts(page)


class TestWithoutTheScopeForBytes:
    @pytest.fixture
    def scopes(self) -> list[str]:
        return ["messages:read", "pii:read"]

    async def test_the_rest_of_the_message_is_shown(
        self, browser: httpx.AsyncClient, some: Inbox
    ) -> None:
        page = await seen(browser, "/messages/1")

        assert "hola 1" in page.text
        assert "As it came" not in page.text
