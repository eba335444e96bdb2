"""What happens while somebody looks: it appears, and nothing moves under the reader."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import House, message

pytestmark = [pytest.mark.service, pytest.mark.slow]


@pytest.fixture(scope="module")
def ana_writes(house: House) -> str:
    """A long conversation, and its address."""
    house.post(*(message("text", text={"body": f"line {n}"}) for n in range(120)))
    with house.person() as boss:
        page = boss.open("/inbox")
        page.locator(".row", has_text="Ana Souza").or_(
            page.locator(".row", has_text="line 119")
        ).first.click()
        page.wait_for_url(re.compile(r"/inbox/\d+$"))
        page.get_by_role("button", name="Mark read").click()
        expect(page.locator("#unread")).to_have_count(0)
        return page.url.removeprefix(house.url)


def is_live(page: Page) -> None:
    expect(page.locator("#live")).to_have_text("live")


def top_of(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["y"]


def test_a_message_appears_at_the_bottom_without_a_reload(house: House, ana_writes: str) -> None:
    with house.person() as boss:
        page = boss.open(ana_writes)
        is_live(page)
        house.say("are you there?")

        expect(page.locator(".bubble", has_text="are you there?")).to_be_in_viewport()
        expect(page.locator(".row", has_text="are you there?")).to_be_visible()
        assert "polite" == page.locator(".thread").get_attribute("aria-live")


def test_who_reads_further_up_is_not_moved_and_is_told(house: House, ana_writes: str) -> None:
    with house.person() as boss:
        page = boss.open(ana_writes)
        is_live(page)
        page.locator(".thread").evaluate("thread => { thread.scrollTop = -600 }")
        seen = page.locator(".bubble", has_text="line 100").get_attribute("id")
        before = top_of(page, f"#{seen}")
        house.say("something new below")

        expect(page.locator(".pill-new")).to_have_text(re.compile("1 new message"))
        assert before == pytest.approx(top_of(page, f"#{seen}"), abs=1.5)
        page.locator(".pill-new").click()
        expect(page.locator(".bubble", has_text="something new below")).to_be_in_viewport()
        expect(page.locator(".pill-new")).to_be_hidden()


def test_older_messages_come_above_and_the_reader_stays(house: House, ana_writes: str) -> None:
    with house.person() as boss:
        page = boss.open(ana_writes)
        bubbles = page.locator(".bubble")
        expect(bubbles).to_have_count(50)
        page.locator(".thread").evaluate("thread => { thread.scrollTop = -400 }")
        page.locator("[data-older]").click()
        expect(bubbles).not_to_have_count(50)

        ids = bubbles.evaluate_all("all => all.map(each => Number(each.dataset.id))")
        assert sorted(set(ids)) == ids


def test_the_list_waits_while_the_pointer_is_in_it(house: House, ana_writes: str) -> None:
    with house.person() as boss:
        page = boss.open("/inbox")
        is_live(page)
        page.locator("#list .row").nth(2).hover()
        names = page.locator("#list .row-name").all_inner_texts()
        house.say("hello from afar", "5511900000077")

        expect(page.locator("#held")).to_have_text("1 updated")
        assert names == page.locator("#list .row-name").all_inner_texts()
        page.locator("#held").click()
        expect(page.locator("#list .row").first).to_contain_text("hello from afar")


def test_it_goes_on_by_itself_when_the_pointer_leaves(house: House, ana_writes: str) -> None:
    with house.person() as boss:
        page = boss.open("/inbox")
        is_live(page)
        page.locator("#list .row").nth(2).hover()
        house.say("and once more", "5511900000077")
        expect(page.locator("#held")).to_be_visible()
        page.mouse.move(900, 400)

        expect(page.locator("#list .row").first).to_contain_text("and once more")
        expect(page.locator("#held")).to_be_hidden()


def test_two_browsers_see_each_other_s_doing(house: House, ana_writes: str) -> None:
    with house.person() as boss, house.person("luis", "agent") as luis:
        here, there = boss.open(ana_writes), luis.open(ana_writes)
        is_live(here)
        is_live(there)
        house.say("for both of you")
        for page in (here, there):
            expect(page.locator(".bubble", has_text="for both of you")).to_be_visible()
            expect(page.get_by_role("button", name="Mark read")).to_be_visible()

        here.get_by_role("button", name="Mark read").click()

        expect(there.get_by_role("button", name="Mark read")).to_have_count(0)


def test_tabs_of_one_browser_share_one_stream(house: House, ana_writes: str) -> None:
    with house.person() as boss:
        asked: list[str] = []
        boss.context.on("request", lambda request: asked.append(request.url))
        tabs = [boss.open(ana_writes) for _ in range(3)]
        house.say("to every tab")
        for tab in tabs:
            expect(tab.locator(".bubble", has_text="to every tab")).to_be_attached()
        assert 1 == len([url for url in asked if "/stream/" in url])

        tabs[0].close()
        house.say("after the first has gone")
        for tab in tabs[1:]:
            expect(tab.locator(".bubble", has_text="after the first")).to_be_attached()


def test_a_restart_loses_nothing_and_is_said(house: House, ana_writes: str) -> None:
    with house.person() as boss:
        boss.expected = ("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_INCOMPLETE_CHUNKED", "503")
        page = boss.open(ana_writes)
        is_live(page)
        house.place.running[-1].end()
        expect(page.locator("#connection")).to_contain_text("Not live since")
        house.place.up()
        house.post(*(message("text", text={"body": f"meanwhile {n}"}) for n in range(3)))

        expect(page.locator(".bubble", has_text="meanwhile 2")).to_be_visible()
        expect(page.locator("#connection")).to_contain_text("Caught up, 3 new")
        expect(page.locator(".bubble", has_text="meanwhile")).to_have_count(3)


def test_a_changed_status_and_a_reaction_change_the_bubble(house: House, ana_writes: str) -> None:
    with house.person() as boss:
        page = boss.open(ana_writes)
        is_live(page)
        asked = message("text", text={"body": "do you like it?"})
        house.post(asked)
        bubble = page.locator(".bubble", has_text="do you like it?")
        expect(bubble).to_be_visible()
        house.post(message("reaction", reaction={"message_id": asked["id"], "emoji": "🎉"}))

        expect(bubble.locator(".reactions")).to_contain_text("🎉")


def test_more_than_a_page_at_once_leaves_no_gap_and_a_long_thread_is_let_go(house: House) -> None:
    phone = "5511900000078"
    house.say("before the rush", phone)
    with house.person() as boss:
        page = boss.open("/inbox")
        page.locator("#list .row", has_text="before the rush").first.click()
        is_live(page)
        house.post(*(message("text", phone, text={"body": f"rush {n}"}) for n in range(320)))
        expect(page.locator(".bubble", has_text="rush 319")).to_be_in_viewport()
        bubbles = page.locator(".bubble")
        for count in (*range(100, 321, 50), 321):
            page.locator("[data-older]").dispatch_event("click")
            expect(bubbles).to_have_count(count)
        ids = bubbles.evaluate_all("all => all.map(each => Number(each.dataset.id))")
        assert sorted(set(ids)) == ids

        page.locator(".thread").evaluate("thread => { thread.scrollTop = 0 }")
        house.say("after the rush", phone)
        expect(page.locator(".bubble", has_text="after the rush")).to_be_in_viewport()
        expect(bubbles).to_have_count(50)
        expect(page.locator("[data-older]")).to_be_attached()
