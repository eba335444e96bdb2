"""The pages for who looks after it, in a real browser: live, and without scripts."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from tests.browser.house import House, check
from tests.projections.test_poison import append_broken
from tests.system.service import eventually, rows

pytestmark = [pytest.mark.service, pytest.mark.slow]

# Only against hanging for ever: a rebuild takes what it takes on a machine that is busy.
GUARD_MS = 120_000


def put_aside(house: House) -> None:
    """An event that no view can apply; afterwards all of them have put it aside."""
    with ThreadPoolExecutor(1) as thread:
        # Playwright's event loop runs in this one.
        thread.submit(append_broken, house.database).result()
    waiting = "select count(distinct view) from ops.poison where skipped_at is null"
    eventually(lambda: rows(house.database, waiting) == [(3,)], "the views")


def test_a_rebuild_is_begun_and_followed_without_loading_anew(house: House) -> None:
    with house.person() as ana:
        page = ana.open("/ops")
        media = page.locator("article", has=page.get_by_role("heading", name="media"))
        expect(media).to_contain_text("version 1")
        media.get_by_role("button", name="Rebuild").click()
        page.mouse.move(0, 0)
        expect(media.get_by_role("heading")).to_contain_text("version 2", timeout=GUARD_MS)
        expect(media).to_contain_text("kept")
        media.get_by_role("button", name="Compare with the log").click()
        page.mouse.move(0, 0)
        expect(media).to_contain_text("as the log says", timeout=GUARD_MS)
        check(page)


def test_a_view_is_paused_and_goes_on(house: House) -> None:
    with house.person() as ana:
        page = ana.open("/ops")
        stats = page.locator("article", has=page.get_by_role("heading", name="stats"))
        stats.get_by_role("button", name="Pause").click()
        page.mouse.move(0, 0)
        expect(stats.get_by_role("heading")).to_contain_text("paused")
        expect(stats).to_contain_text("user:ana paused it")
        check(page)
        stats.get_by_role("button", name="Let it go on").click()
        expect(stats.get_by_role("heading")).to_contain_text("live")


def test_what_was_put_aside_is_tried_again_and_skipped_without_scripts(house: House) -> None:
    put_aside(house)
    with house.person(java_script_enabled=False) as ana:
        page = ana.open("/ops")
        row = page.locator("#poison tbody tr", has_text="search")
        row.get_by_role("button", name="Retry").click()
        expect(row).to_contain_text("2×")
        row.get_by_role("button", name="Skip").click()
        expect(row).to_contain_text("skipped")
        expect(page).to_have_url(f"{house.url}/ops")
        expect(row.get_by_role("button", name="Skip")).to_have_count(0)


def test_the_log_goes_on_while_it_is_looked_at(house: House) -> None:
    with house.person() as ana:
        page = ana.open("/ops/events?type=MessageReceived")
        house.say("this has just happened")
        expect(page.locator(".list tbody tr").first).to_contain_text(
            "this has just happened", timeout=GUARD_MS
        )
        page.locator(".list tbody a").first.click()
        page.get_by_role("link", name="delivery").click()
        expect(page.get_by_role("heading", name="Items")).to_be_visible()
        page.get_by_role("button", name="Reprocess").click()
        expect(page.locator(".list tbody")).to_contain_text("stored")


def test_a_conversation_is_replayed_by_keyboard_alone(house: House) -> None:
    phone = "5511900000777"
    for text in ("first", "second", "third"):
        house.say(f"the {text} of them", phone)
    with house.person() as ana:
        page = ana.open(f"/inbox?phone={phone}")
        page.locator("#list .row").click()
        page.wait_for_url("**/inbox/*")
        page.goto(page.url.replace("/inbox/", "/ops/replay/").partition("?")[0])
        expect(page.locator(".bubble")).to_have_count(3)
        page.get_by_role("slider").focus()
        for shown in (2, 1):
            page.keyboard.press("ArrowLeft")
            expect(page.locator(".bubble")).to_have_count(shown)
            # The page is another one now, where the slider has to have the focus again.
            expect(page.get_by_role("slider")).to_be_focused()
        expect(page.locator(".bubble")).to_contain_text("the first of them")
        check(page)
        page.get_by_role("link", name="On", exact=True).click()
        expect(page.locator(".bubble.target")).to_contain_text("the second of them")

        page.get_by_label("Compare with event").select_option(index=1)
        page.get_by_role("button", name="Compare").press("Enter")
        expect(page.get_by_role("region", name="What is different")).to_contain_text(
            "the third of them"
        )
        check(page)


def test_an_agent_has_no_business_there(house: House) -> None:
    with house.person("bob", "agent") as bob:
        bob.expected = ("403",)
        page = bob.open("/inbox")
        expect(page.get_by_role("link", name="Events", exact=True)).to_have_count(0)
        page.goto("/ops")
        expect(page.get_by_role("heading", name="You may not do this")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.deep
def test_all_of_it_is_accessible(house: House, scheme: str, width: int) -> None:
    with house.person(color_scheme=scheme, viewport={"width": width, "height": 800}) as ana:
        ana.expected = ("400",)
        page = ana.context.new_page()
        for path in (
            "/ops",
            "/ops/deliveries",
            "/ops/deliveries?outcome=ignored",
            "/ops/deliveries/1",
            "/ops/events",
            "/ops/events?type=NoteAdded",
            "/ops/events?type=1",
            "/ops/events/1",
            "/ops/replay",
            "/ops/replay/1",
        ):
            page.goto(path)
            check(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
