"""The inbox in a real browser: with the mouse, without scripts, by keyboard alone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.house import House, check

pytestmark = [pytest.mark.service, pytest.mark.slow]


def test_opening_a_conversation_changes_its_panes_only(house: House) -> None:
    with house.person() as ana:
        page = ana.open("/inbox")
        page.evaluate("window.mark = 1")
        page.get_by_role("link", name=re.compile("Mei")).first.click()
        page.wait_for_url(re.compile(r"/inbox/\d+$"))
        expect(page.locator(".thread .bubble").first).to_be_visible()

        assert 1 == page.evaluate("window.mark")
        assert "page" == page.locator(".row[aria-current]").get_attribute("aria-current")
        page.go_back()
        expect(page.get_by_text("Choose a conversation.")).to_be_visible()


def test_marking_read_is_a_button_and_opening_is_not(house: House) -> None:
    house.say("is it ready?", "5511900000001")
    with house.person() as ana:
        page = ana.open("/inbox")
        row = page.locator(".row.unread", has_text="is it ready?")
        row.click()
        expect(page.locator("#unread")).to_have_text("1 unread")
        page.wait_for_url(re.compile(r"/inbox/\d+$"))
        page.reload()
        expect(page.locator("#unread")).to_have_text("1 unread")

        page.get_by_role("button", name="Mark read").click()

        expect(page.locator("#unread")).to_have_count(0)
        expect(page.locator(".row[aria-current]")).not_to_have_class(re.compile("unread"))


def test_without_scripts_everything_can_be_read_filtered_and_marked(house: House) -> None:
    house.say("no scripts here", "5511900000002")
    with house.person(java_script_enabled=False) as ana:
        page = ana.open("/inbox")
        page.get_by_role("link", name=re.compile("^Unread")).click()
        page.locator(".row", has_text="no scripts here").click()
        expect(page.locator(".bubble", has_text="no scripts here")).to_be_visible()

        page.get_by_role("button", name="Mark read").click()

        page.wait_for_url(re.compile(r"/inbox/\d+\?unread=true$"))
        expect(page.get_by_role("button", name="Mark read")).to_have_count(0)


def test_by_keyboard_alone_one_goes_through_the_conversations(house: House) -> None:
    house.say("first by key", "5511900000003")
    with house.person() as ana:
        page = ana.open("/inbox")
        page.keyboard.press("Alt+j")
        expect(page.locator(".bubble", has_text="first by key")).to_be_visible()
        page.keyboard.press("Alt+r")
        expect(page.get_by_role("button", name="Mark read")).to_have_count(0)
        first = page.url

        page.keyboard.press("Alt+j")
        page.wait_for_url(lambda url: url != first)
        page.keyboard.press("Alt+k")
        page.wait_for_url(first)
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()


def test_a_number_and_an_order_are_chosen_without_scripts(house: House) -> None:
    with house.person(java_script_enabled=False) as ana:
        page = ana.open("/inbox")
        page.get_by_label("Business number: All numbers").click()
        page.get_by_role("navigation", name="Business number").get_by_role("link").last.click()
        page.wait_for_url(re.compile(r"/inbox\?phone_number_id=\d+$"))
        page.locator("summary", has_text="Order: Newest first").click()
        page.get_by_role("link", name="By name").click()
        page.wait_for_url(re.compile(r"/inbox\?phone_number_id=\d+&sort=name$"))

        page.get_by_role("link", name="Messages", exact=True).click()

        page.wait_for_url(re.compile(r"/messages\?phone_number_id=\d+$"))
        expect(page.get_by_label(re.compile("Remove the filter Business number"))).to_be_visible()


def test_menus_are_closed_by_key_and_the_focus_stays(house: House) -> None:
    with house.person() as ana:
        page = ana.open("/inbox")
        menu = page.get_by_role("navigation", name="Business number")
        summary = page.get_by_label("Business number: All numbers")
        summary.focus()
        page.keyboard.press("Enter")
        expect(menu).to_be_visible()
        check(page)
        page.keyboard.press("Escape")
        expect(menu).to_be_hidden()
        expect(summary).to_be_focused()


@pytest.mark.parametrize("width", [360, 1280])
def test_all_tabs_are_seen(house: House, width: int) -> None:
    with house.person(viewport={"width": width, "height": 800}) as ana:
        page = ana.open("/inbox")
        tabs = page.locator(".tabs")
        expect(tabs.get_by_role("link")).to_have_count(6)

        for tab in tabs.get_by_role("link").all():
            expect(tab).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_inbox_is_accessible(house: House, scheme: str, width: int) -> None:
    with house.person(color_scheme=scheme, viewport={"width": width, "height": 800}) as ana:
        page = ana.open("/inbox")
        check(page)
        page.locator(".row", has_text="Tomás").first.click()
        expect(page.locator(".bubble").first).to_be_attached()
        check(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
