"""The number that pages are narrowed to: chosen in the header, kept in the address."""

import re
from typing import Any

import httpx
import pytest
from psycopg import Connection

from tests.read_api import rows
from tests.read_api.pages.seeing import Seen, seen

Inbox = Connection[Any]

OTHER = "200000000000002"


@pytest.fixture
def two_numbers(inbox: Inbox) -> Inbox:
    rows.conversation(inbox, 1, unread_count=1)
    rows.message(inbox, 1, text_body="to the first")
    rows.conversation(
        inbox,
        2,
        phone_number_id=OTHER,
        display_phone_number="+44 20 7946 0102",
        phone_number="5511900000002",
        unread_count=3,
    )
    rows.message(inbox, 2, phone_number_id=OTHER, conversation_id=2, text_body="to the second")
    return inbox


def opened(page: Seen) -> set[str]:
    return {href for href in page.links() if re.match(r"/inbox/\d", href)}


async def test_with_one_number_there_is_nothing_to_choose(
    browser: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(inbox, 1)

    page = await seen(browser, "/inbox")

    assert not page.having("aria-label", "Business number")


async def test_the_inbox_is_narrowed_with_its_counts_tabs_and_search(
    browser: httpx.AsyncClient, two_numbers: Inbox
) -> None:
    everything = await seen(browser, "/inbox")
    narrow = await seen(browser, f"/inbox?phone_number_id={OTHER}&unread=true")

    assert {"/inbox/1", "/inbox/2"} == opened(everything)
    assert f"/inbox?phone_number_id={OTHER}" in everything.links()
    assert {f"/inbox/2?phone_number_id={OTHER}&unread=true"} == opened(narrow)
    assert re.search(r"Unread 1\b", narrow.text)
    assert narrow.having("aria-label", "Business number: +44 20 7946 0102")
    assert f"/inbox?has_failed=true&phone_number_id={OTHER}" in narrow.links()
    assert [OTHER] == [attrs["value"] for attrs in narrow.having("name", "phone_number_id")]


async def test_it_stays_from_page_to_page(
    browser: httpx.AsyncClient, scopes: list[str], two_numbers: Inbox
) -> None:
    scopes.append("stats:read")
    page = await seen(browser, f"/inbox?phone_number_id={OTHER}")

    for path in ("/inbox", "/messages", "/stats"):
        assert f"{path}?phone_number_id={OTHER}" in page.links()
    assert "/ops" in page.links()


async def test_the_messages_keep_their_filters_when_another_is_chosen(
    browser: httpx.AsyncClient, two_numbers: Inbox
) -> None:
    page = await seen(browser, f"/messages?phone_number_id={OTHER}&direction=in&cursor=")

    assert "to the second" in page.text
    assert "to the first" not in page.text
    assert "Business number: +44 20 7946 0102 ×" in page.text
    assert "/messages?direction=in" in page.links()
    assert f"/messages?direction=in&phone_number_id={rows.NUMBER}" in page.links()
    assert f"/messages?status=failed&phone_number_id={OTHER}" in page.links()
    assert f"/inbox/2?m=2&phone_number_id={OTHER}#m2" in page.links()


async def test_one_that_nobody_has_written_to_can_be_let_go(
    browser: httpx.AsyncClient, inbox: Inbox
) -> None:
    rows.conversation(inbox, 1)

    page = await seen(browser, "/inbox?phone_number_id=<b>3")

    assert "No conversation fits." in page.text
    assert page.having("aria-label", "Business number: <b>3")
    assert "/inbox" in page.links()


async def test_the_list_can_stand_in_another_order(
    browser: httpx.AsyncClient, two_numbers: Inbox
) -> None:
    page = await seen(browser, "/inbox?unread=true&sort=name")

    assert {"/inbox/1?unread=true&sort=name", "/inbox/2?unread=true&sort=name"} == opened(page)
    assert page.having("href", "/inbox?unread=true&sort=waiting_since")
    assert page.having("href", "/inbox?unread=true")
    assert "/inbox?has_failed=true&sort=name" in page.links()
    assert not page.having("aria-label", "Remove the filter sort: name")
