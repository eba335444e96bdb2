"""Statistics, exports, setup, users and keys in a real browser, most of it without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import House, Person, check
from tests.system.ledger import SECRET

pytestmark = [pytest.mark.service, pytest.mark.slow]

PAGES = ("/stats", "/exports", "/setup", "/users", "/keys")
HOSTILE = "<img src=x onerror=alert(1)>"


def want_export(ana: Person, page: Page) -> None:
    """As the button on the page of messages does it."""
    session = ana.context.request.get("/api/whatsapp/session/").json()
    answer = ana.context.request.post(
        "/api/whatsapp/exports/",
        data={"kind": "messages", "format": "csv", "filters": {"direction": "in"}},
        headers={"X-CSRF-Token": session["csrf_token"], "Sec-Fetch-Site": "same-origin"},
    )
    assert 202 == answer.status
    page.goto("/exports")


@pytest.mark.parametrize("width", [360, 1280])
def test_codes_and_words_of_a_table_are_not_broken(house: House, width: int) -> None:
    with house.person(viewport={"width": width, "height": 800}) as ana:
        page = ana.open("/stats")
        names = page.locator(".bars tbody th, .failures tbody th")
        expect(names.get_by_text("Delivered", exact=True)).to_be_visible()

        broken = names.evaluate_all(
            """names => names.filter(each => {
                const range = document.createRange();
                range.selectNodeContents(each);
                const lines = new Set([...range.getClientRects()].map(one => one.top));
                return !/\\s/.test(each.textContent) && lines.size > 1;
            }).map(each => each.textContent)"""
        )

        assert [] == broken


def test_under_a_finger_the_sections_stand_beside_each_other(house: House) -> None:
    telephone = {"width": 360, "height": 800}
    with house.person(viewport=telephone, has_touch=True, is_mobile=True) as ana:
        page = ana.open("/stats")
        sections = page.locator(".sections a")
        boxes = sections.evaluate_all(
            "all => all.map(each => [each.clientWidth, each.scrollWidth])"
        )

        assert len(boxes) == 8
        # What is wider than its place lies over its neighbour.
        assert [] == [each for each in boxes if each[0] < each[1]]


def test_on_a_telephone_a_sheet_has_a_gutter(house: House) -> None:
    with house.person(viewport={"width": 360, "height": 800}) as ana:
        ana.expected = ("404",)
        box = ana.open("/nothing/here").locator(".sheet").bounding_box()

        assert box is not None
        assert box["x"] >= 8
        assert box["x"] + box["width"] <= 352


def test_each_number_leads_to_its_rows(house: House) -> None:
    with house.person() as ana:
        page = ana.open("/stats?days=7")
        tile = page.locator(".tiles li", has_text="Messages in").locator(".tile-number a")
        count = tile.inner_text()
        check(page)
        tile.click()

        expect(
            page.locator(".table-foot").get_by_text(f"{count} messages", exact=True)
        ).to_be_visible()


def test_the_table_under_a_chart_is_there_for_the_keyboard(house: House) -> None:
    with house.person() as ana:
        page = ana.open("/stats?days=7&by=day")
        page.locator("section", has_text="Time to an answer").get_by_text(
            "As a table"
        ).first.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name="Time to an answer as a table")).to_be_visible()

        mark = page.locator("section:has(#volume)").get_by_role("button", name="What this counts")
        tip = page.locator("#def-volume")
        expect(tip).to_be_hidden()
        page.get_by_role("button", name="Show").focus()
        mark.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        expect(tip).to_be_visible()
        check(page)
        page.keyboard.press("Escape")
        expect(tip).to_be_hidden()


def test_days_and_number_are_chosen_without_scripts(house: House) -> None:
    with house.person(java_script_enabled=False) as ana:
        page = ana.open("/stats")
        page.get_by_label("Business number").select_option(index=1)
        page.get_by_label("By").select_option("hour")
        page.get_by_role("button", name="Show").click()
        page.wait_for_url(re.compile(r"/stats\?from=.*&phone_number_id=\d+&by=hour"))
        expect(page.get_by_label("Business number")).not_to_have_value("")
        page.get_by_role("link", name="Today").click()
        page.wait_for_url(re.compile(r"/stats\?days=1&phone_number_id=\d+"))
        expect(page.get_by_role("link", name="Today")).to_have_attribute("aria-current", "true")


def test_an_export_becomes_ready_while_somebody_looks_is_fetched_and_deleted(house: House) -> None:
    with house.person("exporter") as ana:
        page = ana.open("/exports")
        expect(page.get_by_text("Nothing exported yet.")).to_be_visible()
        check(page)
        want_export(ana, page)
        link = page.get_by_role("link", name="Download messages")
        expect(link).to_be_visible(timeout=90_000)
        check(page)
        with page.expect_download() as fetched:
            link.click()
        assert fetched.value.suggested_filename.startswith("wharf-messages-")
        page.get_by_role("button", name="Delete messages").click()
        expect(page.get_by_text("Nothing exported yet.")).to_be_visible()


def test_somebody_is_let_in_and_shut_out_without_scripts(house: House) -> None:
    with house.person(java_script_enabled=False) as boss:
        page = boss.open("/users")
        page.get_by_label("Name").fill("luis")
        page.get_by_role("button", name="Add and make a link").click()
        link = page.locator("#sign-in-link").inner_text()
        luis = house.browser.new_context(base_url=house.url)
        theirs = luis.new_page()
        theirs.goto(link)
        theirs.get_by_role("button", name="Sign in").click()
        theirs.wait_for_url("**/inbox")
        expect(theirs.get_by_role("navigation", name="Sections")).not_to_contain_text("Users")
        luis.close()

        row = page.locator("#user-luis")
        row.get_by_text("Disable…").click()
        row.get_by_role("button", name="Disable luis").click()
        expect(page.locator("#user-luis")).to_contain_text("disabled")


def test_a_key_is_made_by_keyboard_and_its_hostile_name_is_text(house: House) -> None:
    with house.person() as boss:
        page = boss.open("/keys")
        check(page)
        name = page.get_by_label("Name, by which to know it again")
        if not name.is_visible():
            page.locator("summary", has_text="Make a key").focus()
            page.keyboard.press("Enter")
        name.focus()
        page.keyboard.type(HOSTILE)
        page.get_by_role("checkbox", name="messages:read").focus()
        page.keyboard.press("Space")
        page.keyboard.press("Enter")

        expect(page.locator("#new-key")).to_contain_text("wharf_")
        expect(page.locator("#made-title")).to_contain_text(HOSTILE)
        row = page.locator("tr", has_text=HOSTILE)
        row.get_by_text("Revoke…").click()
        check(page)
        row.get_by_role("button", name="Revoke").click()
        expect(page.get_by_text("Revoked and expired (1)")).to_be_visible()


def test_setup_says_how_far_it_is_and_compares_the_secret(house: House) -> None:
    with house.person() as boss:
        page = boss.open("/setup")
        expect(page.locator(".checks li.yes", has_text="Meta's handshake")).to_be_visible()
        page.get_by_label("The app secret").fill(SECRET)
        page.keyboard.press("Enter")
        expect(page.get_by_text("That is a secret that is set here.")).to_be_visible()
        assert SECRET not in page.content()
        check(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.deep
def test_the_pages_are_accessible_and_fit(house: House, scheme: str, width: int) -> None:
    with house.person(color_scheme=scheme, viewport={"width": width, "height": 800}) as boss:
        boss.expected = ("400", "422")
        page = boss.open("/inbox")
        for path in (*PAGES, "/stats?days=0", "/stats?from=2020-01-01&through=2020-01-02"):
            page.goto(path)
            check(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
