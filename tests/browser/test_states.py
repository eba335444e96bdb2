"""Pages when not all is well, and for people who have set their screens otherwise."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import House, check, message
from tests.system.ledger import PATH, SECRET
from tests.system.service import GUARD_S, caught_up, eventually
from tests.write_side.posting import with_items
from write_side.signature import sign

pytestmark = [pytest.mark.service, pytest.mark.slow]


def style(page: Page, selector: str, name: str) -> str:
    found: str = page.locator(selector).first.evaluate(
        "(element, name) => getComputedStyle(element).getPropertyValue(name)", name
    )
    return found


def open_thread(page: Page) -> None:
    page.locator(".row", has_text="Tomás").first.click()
    expect(page.locator(".bubble").first).to_be_attached()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_forced_colors_what_is_chosen_has_an_edge(house: House, scheme: str) -> None:
    with house.person(forced_colors="active", color_scheme=scheme) as ana:
        page = ana.open("/inbox")
        open_thread(page)

        for selector in (".row[aria-current]", ".bubble .body", ".badge", ".button"):
            assert "solid" == style(page, selector, "border-top-style"), selector
        assert "underline" in style(page, ".tabs a[aria-current]", "text-decoration-line")
        # The light beside "live" is a background, which would be the page's.
        dot = style(page, ".live .dot", "background-color")
        assert dot != style(page, "body", "background-color")
        check(page)
        page.goto("/messages?status=failed")
        assert "solid" == style(page, ".pill", "border-top-style")
        check(page)


def test_with_more_contrast_nothing_is_grey(house: House) -> None:
    with house.person(contrast="more") as ana:
        page = ana.open("/inbox")
        open_thread(page)

        assert style(page, "body", "color") == style(page, ".row-time", "color")
        check(page)


@pytest.mark.parametrize(("motion", "animation"), [("reduce", "none"), ("no-preference", "arrive")])
def test_what_arrives_moves_for_those_only_who_don_t_mind(
    house: House, motion: str, animation: str
) -> None:
    phone = f"55119000060{len(motion):02}"
    house.say("the first", phone)
    with house.person(reduced_motion=motion) as ana:
        page = ana.open(f"/inbox?phone={phone}")
        page.locator("#list .row").click()
        expect(page.locator(".bubble")).to_have_count(1)
        expect(page.locator("#live")).to_have_text("live")

        house.say("the second", phone)

        expect(page.locator(".bubble.arrived")).to_contain_text("the second")
        assert animation == style(page, ".bubble.arrived .body", "animation-name")


@contextmanager
def held_up(house: House) -> Iterator[psycopg.Connection[Any]]:
    """No worker gets at the inbox's tables."""
    with psycopg.connect(house.database) as conn:
        conn.execute(
            "select from read.versions where (view, version) ="
            " (select view, version from read.active where view = 'inbox') for update"
        )
        yield conn
        conn.rollback()
    eventually(lambda: caught_up(house.database), "the read tables")


def test_tables_that_are_behind_and_a_rebuild_are_told(house: House) -> None:
    body = with_items(message("text", text={"body": "nobody sees this yet"}))
    with held_up(house), house.person() as ana:
        answer = httpx.post(
            f"{house.url}{PATH}",
            content=body,
            headers={"X-Hub-Signature-256": sign(SECRET, body)},
            trust_env=False,
            timeout=GUARD_S,
        )
        assert 200 == answer.status_code
        page = ana.open("/inbox")

        def told() -> bool:
            page.reload()
            return page.locator("[data-bar=behind]").count() == 1

        eventually(told, "the line that says so")
        expect(page.locator("[data-bar=behind]")).to_contain_text(re.compile(r"is \d+ .*behind"))
        check(page)
        page.get_by_role("link", name="What keeps it").click()
        expect(page.get_by_role("heading", name="Views")).to_be_visible()


def test_a_rebuild_that_goes_on_is_told(house: House) -> None:
    lock = "select pg_advisory_lock(hashtextextended('wharf rebuild inbox', 0))"
    version = (
        "insert into read.versions (view, version, schema_name, state, position, builder,"
        " began_at, began_position)"
        " values ('inbox', 99, 'inbox_99', 'building', 1, 'a test', now(), 0)"
    )
    with psycopg.connect(house.database, autocommit=True) as conn, house.person() as ana:
        conn.execute(lock)
        conn.execute(version)
        try:
            page = ana.open("/messages")
            expect(page.locator("[data-bar=rebuild]")).to_contain_text("version 99 is at")
            check(page)
        finally:
            conn.execute("delete from read.versions where view = 'inbox' and version = 99")


def test_by_keyboard_alone_one_filters_and_exports(house: House) -> None:
    with house.person() as ana:
        page = ana.open("/messages")
        page.locator("summary", has_text="Status").focus()
        page.keyboard.press("Enter")
        page.get_by_role("link", name="failed", exact=True).focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**status=failed**")
        page.locator("summary", has_text="Export").focus()
        page.keyboard.press("Enter")
        # The first of the menu is the next in order.
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="CSV", exact=True)).to_be_focused()
        page.keyboard.press("Enter")

        page.wait_for_url("**/exports")
        expect(page.locator(".list tbody tr").first).to_contain_text("Status: failed")


def test_what_was_searched_in_vain_is_said_and_can_be_let_go(house: House) -> None:
    with house.person() as ana:
        page = ana.open("/messages?q=nobody-said-this&type=image")
        expect(page.locator(".empty")).to_contain_text("Search: nobody-said-this, Type: Photo")
        page.get_by_label("Remove the filter Search: nobody-said-this").click()
        page.wait_for_url("**/messages?type=image")
        page.goto("/inbox?label=nobody")
        expect(page.locator("#list .empty")).to_contain_text("label: nobody")
        page.get_by_role("link", name="Show all").click()
        page.wait_for_url("**/inbox")
        expect(page.locator("#list .row").first).to_be_visible()


def test_a_problem_is_a_page_with_the_request_and_a_way_on(house: House) -> None:
    with house.person() as ana:
        ana.expected = ("404", "400")
        page = ana.open("/inbox/999999")
        expect(page.get_by_role("heading", name="There is no such thing")).to_be_visible()
        expect(page.locator(".problem .facts")).to_contain_text(re.compile(r"Request\s*[0-9a-f]+"))
        check(page)
        page.get_by_role("link", name="Inbox").click()
        expect(page.locator("#list .row").first).to_be_visible()


def test_who_asks_for_more_than_the_tables_have_reached_is_told_to_come_again(house: House) -> None:
    with house.person() as ana:
        ana.expected = ("503",)
        page = ana.open("/messages?min_position=999999999")
        expect(page.locator(".problem")).to_contain_text("503")
        expect(page.locator(".problem .facts")).to_contain_text(re.compile(r"Request\s*[0-9a-f]+"))
        check(page)
