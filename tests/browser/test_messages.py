"""The table of messages in a real browser: by mouse, by keyboard alone, without scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.house import House, check, message

pytestmark = [pytest.mark.service, pytest.mark.slow]


def test_search_filter_and_columns_work_without_scripts(house: House) -> None:
    with house.person(java_script_enabled=False) as ana:
        page = ana.open("/messages")
        page.get_by_role("searchbox", name="Search messages").fill("still have rye")
        page.keyboard.press("Enter")
        expect(page.locator(".list tbody tr")).to_have_count(1)
        page.get_by_text("Columns", exact=True).click()
        page.get_by_role("checkbox", name="Id", exact=True).check()
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.locator("th", has_text="Id")).to_be_visible()
        page.get_by_role("link", name="Remove all").click()
        page.wait_for_url("**/messages")


def test_by_keyboard_alone_one_searches_and_opens_a_message(house: House) -> None:
    with house.person() as ana:
        page = ana.open("/messages")
        page.keyboard.press("/")
        page.keyboard.type("cake")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=cake**")
        page.locator(".when").first.focus()
        page.keyboard.press("Enter")

        page.wait_for_url(re.compile(r"/messages/\d+$"))
        expect(page.get_by_role("heading", name="Versions")).to_be_visible()


def test_a_view_is_saved_under_a_name_and_forgotten(house: House) -> None:
    with house.person() as ana:
        page = ana.open("/messages?type=text")
        page.get_by_label("Name of this view").fill("Texts alone")
        page.keyboard.press("Enter")
        page.goto("/messages")
        page.get_by_role("link", name="Texts alone").click()
        page.wait_for_url("**?type=text")
        page.get_by_role("button", name="Forget the view Texts alone").click()
        expect(page.get_by_role("link", name="Texts alone")).to_have_count(0)


def test_what_was_found_is_shown_in_its_conversation(house: House) -> None:
    house.post(*(message("text", "5511900000500", text={"body": f"n{n} x"}) for n in range(300)))
    house.post(
        *(message("text", "5511900000500", text={"body": f"n{n} x"}) for n in range(300, 500))
    )
    with house.person() as ana:
        page = ana.open("/messages?q=n250")
        page.locator(".c-go a").click()

        expect(page.locator(".bubble.target")).to_contain_text("n250 x")
        expect(page.locator(".bubble.target")).to_be_in_viewport()
        check(page)
        page.get_by_role("link", name="Latest").click()
        expect(page.locator(".bubble", has_text="n499 x")).to_be_visible()
        bubbles = page.locator(".bubble")
        for count in range(100, 501, 50):
            page.locator("[data-older]").dispatch_event("click")
            expect(bubbles).to_have_count(count)
        ids = bubbles.evaluate_all("all => all.map(e => Number(e.dataset.id))")
        assert sorted(set(ids)) == ids


def test_a_table_that_goes_on_beside_the_screen_has_a_shadow_there(house: House) -> None:
    with house.person(viewport={"width": 360, "height": 800}) as ana:
        table = ana.open("/messages").locator(".table-scroll")

        assert table.evaluate("each => each.scrollWidth > each.clientWidth")
        # The first moves with the table, and covers the shadow when its end is seen.
        expect(table).to_have_css("background-attachment", "local, scroll")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.deep
def test_table_message_and_problem_are_accessible(house: House, scheme: str, width: int) -> None:
    with house.person(color_scheme=scheme, viewport={"width": width, "height": 800}) as ana:
        ana.expected = ("400", "404")
        page = ana.open("/messages?status=failed")
        for path in (
            None,
            "/messages?q=nobody-said-this",
            "/messages?phone=x",
            "/messages/1",
            "/no",
        ):
            if path is not None:
                page.goto(path)
            check(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_exactly_this_list_is_made_into_a_file(house: House) -> None:
    house.post(
        *(message("text", "5511900000501", text={"body": f"exported {n}"}) for n in range(3))
    )
    with house.person() as ana:
        page = ana.open("/messages?q=exported&columns=text&limit=50")
        expect(page.locator(".list tbody tr")).to_have_count(3)
        page.get_by_text("Export", exact=True).click()
        page.get_by_role("button", name="CSV", exact=True).click()
        page.wait_for_url("**/exports")
        with page.expect_download() as downloading:
            page.get_by_role("link", name=re.compile("Download")).first.click()
        written = downloading.value.path().read_text(encoding="utf-8-sig")

    assert 3 == written.count("exported")
    assert 4 == len(written.splitlines())
