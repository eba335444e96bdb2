"""Working in the inbox: notes, whose it is, done and open again, labels, who the customer is."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.house import House, check, message

pytestmark = [pytest.mark.service, pytest.mark.slow]


def opened(page: Page, text: str) -> None:
    page.locator("#list .row", has_text=text).first.click()
    expect(page.locator(".thread .bubble", has_text=text)).to_be_attached()


def menu(page: Page, name: str) -> Locator:
    page.locator(".thread-head summary", has_text=name).click()
    return page.locator(".thread-head details[open]")


def test_a_note_is_written_changed_and_deleted_where_it_stands(house: House) -> None:
    house.say("a note belongs here", "5511900001001")
    with house.person() as ana:
        page = ana.open("/inbox")
        opened(page, "a note belongs here")
        page.evaluate("window.mark = 1")
        page.keyboard.press("Alt+p")
        page.keyboard.type("Call <b>after</b> five")
        page.keyboard.press("Control+Enter")
        note = page.locator(".thread .note")
        expect(note).to_contain_text("Note by ana")
        expect(note).to_contain_text("Call <b>after</b> five")
        expect(page.locator(".customer .note")).to_have_count(1)
        expect(page.locator(".note-form textarea")).to_have_value("")

        note.locator("summary").click()
        note.get_by_label("What the note says").fill("Call after six")
        note.get_by_role("button", name="Save").click()
        expect(note).to_contain_text("edited")
        expect(note.locator(".text")).to_have_text("Call after six")

        note.locator("summary").click()
        note.get_by_role("button", name="Delete the note").click()
        expect(page.locator(".note")).to_have_count(0)
        assert 1 == page.evaluate("window.mark")


def test_a_note_that_was_begun_stays_with_its_conversation(house: House) -> None:
    house.say("begun here", "5511900001002")
    house.say("not there", "5511900001003")
    with house.person() as ana:
        page = ana.open("/inbox")
        opened(page, "begun here")
        page.locator(".note-form textarea").fill("half a thought")
        opened(page, "not there")
        expect(page.locator(".note-form textarea")).to_have_value("")
        opened(page, "begun here")
        expect(page.locator(".note-form textarea")).to_have_value("half a thought")


def test_by_keyboard_alone_it_is_done_opened_again_and_marked_unread(house: House) -> None:
    house.say("all by key", "5511900001004")
    with house.person() as ana:
        page = ana.open("/inbox")
        opened(page, "all by key")
        page.keyboard.press("Alt+e")
        expect(page.get_by_role("button", name="Reopen")).to_be_visible()
        expect(page.locator(".row[aria-current] .tag")).to_have_text("done")
        page.keyboard.press("Alt+e")
        expect(page.get_by_role("button", name="Done", exact=True)).to_be_visible()
        page.keyboard.press("Alt+r")
        expect(page.get_by_role("button", name="Mark read")).to_have_count(0)
        page.keyboard.press("Alt+u")
        expect(page.get_by_role("button", name="Mark read")).to_be_visible()
        expect(page.locator(".row[aria-current] .badge")).to_contain_text("marked unread")
        page.keyboard.press("Alt+r")
        expect(page.get_by_role("button", name="Mark read")).to_have_count(0)


def test_it_is_given_to_somebody_and_put_off(house: House) -> None:
    house.say("who takes this", "5511900001005")
    with house.person() as ana:
        page = ana.open("/inbox")
        opened(page, "who takes this")
        menu(page, "Assign").get_by_role("button", name="ana (you)").click()
        expect(page.locator(".thread-head summary", has_text="ana")).to_be_visible()
        menu(page, "More").get_by_role("button", name="Tomorrow morning").click()
        expect(page.locator(".customer")).to_contain_text("put off until")
        page.get_by_role("link", name="Mine", exact=True).click()
        expect(page.locator(".tabs [aria-current]")).to_have_text("Mine")
        expect(page.locator("#list .row", has_text="who takes this")).to_be_visible()
        menu(page, "ana").get_by_role("button", name="Nobody").click()
        expect(page.locator(".thread-head summary", has_text="Assign")).to_be_visible()


def test_a_menu_that_was_opened_stays_open_when_a_list_arrives(house: House) -> None:
    house.say("whose menu is open", "5511900001013")
    with house.person() as ana:
        page = ana.open("/inbox")
        opened(page, "whose menu is open")
        asked: list[Route] = []
        page.route(re.compile("unread=true"), lambda route: asked.append(route), times=1)
        with page.expect_request(re.compile("unread=true")):
            page.get_by_role("link", name="Unread", exact=False).first.click()
        mine = menu(page, "Assign").get_by_role("button", name="ana (you)")
        expect(mine).to_be_visible()
        asked[0].continue_()
        expect(page.locator(".tabs [aria-current]")).to_contain_text("Unread")
        mine.click()
        expect(page.locator(".thread-head summary", has_text="ana")).to_be_visible()


def test_nobody_is_done_with_what_they_have_not_seen(house: House) -> None:
    house.say("the first question", "5511900001006")
    with house.person(java_script_enabled=False) as ana:
        ana.expected = ("409",)
        page = ana.open("/inbox")
        page.locator("#list .row", has_text="the first question").click()
        expect(page.locator(".bubble", has_text="the first question")).to_be_visible()
        house.say("and a second one", "5511900001006")
        page.get_by_role("button", name="Done", exact=True).click()
        expect(page.locator(".problem")).to_contain_text("409")


def test_without_scripts_notes_labels_and_details_are_written(house: House) -> None:
    house.say("plain forms", "5511900001007")
    with house.person(java_script_enabled=False) as ana:
        page = ana.open("/inbox")
        page.locator("#list .row", has_text="plain forms").click()
        page.get_by_label("Note for your team").fill("written by a form")
        page.get_by_role("button", name="Add note").click()
        note = page.locator(".thread .note")
        expect(note).to_contain_text("written by a form")
        note.locator("summary").click()
        note.get_by_label("What the note says").fill("and changed by one")
        note.get_by_role("button", name="Save").click()
        expect(note).to_contain_text("and changed by one")
        note.locator("summary").click()
        note.get_by_role("button", name="Delete the note").click()
        expect(page.locator(".note")).to_have_count(0)

        page.get_by_label("Add a label").fill("vip")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Take off the label vip").click()
        expect(page.locator(".pill", has_text="vip")).to_have_count(0)
        page.get_by_text("Edit name").click()
        page.get_by_label("Our name for them").fill("Ada L.")
        page.get_by_label("E-mail").fill("ada@example.org")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#thread-title")).to_have_text("Ada L.")
        expect(page.locator(".customer")).to_contain_text("ada@example.org")


def test_two_are_merged_and_are_two_again(house: House) -> None:
    house.say("it is me", "5511900001008")
    house.say("from my other phone", "5511900001009")
    with house.person() as ana:
        page = ana.open("/inbox")
        opened(page, "from my other phone")
        page.get_by_role("link", name="Ids and merges").click()
        expect(page.locator(".known-by")).to_contain_text("+5511900001009")
        page.get_by_label("Name or number of the other").fill("5511900001008")
        page.get_by_role("button", name="Find").click()
        candidate = page.locator(".candidates li", has_text="1008")
        expect(candidate).to_have_count(1)
        check(page)
        candidate.locator("summary").click()
        candidate.get_by_role("button", name="They are one person").click()
        expect(page.locator(".bubble", has_text="it is me")).to_be_visible()
        expect(page.locator(".bubble", has_text="from my other phone")).to_be_visible()
        expect(page.locator(".known-by")).to_contain_text("+5511900001008")

        page.get_by_role("button", name="They are two").click()
        expect(page.locator(".merges")).to_contain_text("undone")
        expect(page.locator(".thread .bubble")).to_have_count(1)


def test_what_others_do_appears_and_what_one_writes_stays(house: House) -> None:
    house.say("for two", "5511900001010")
    with house.person() as ana, house.person("luis", "agent") as luis:
        here, there = ana.open("/inbox"), luis.open("/inbox")
        opened(here, "for two")
        opened(there, "for two")
        for page in (here, there):
            expect(page.locator("#live")).to_have_text("live")
        there.locator(".note-form textarea").fill("not sent yet")
        here.locator(".note-form textarea").fill("seen by luis")
        here.get_by_role("button", name="Add note").click()

        expect(there.locator(".thread .note")).to_contain_text("seen by luis")
        expect(there.locator(".customer .note")).to_contain_text("seen by luis")
        expect(there.locator(".note-form textarea")).to_have_value("not sent yet")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.deep
def test_the_desk_is_accessible(house: House, scheme: str, width: int) -> None:
    house.post(
        message("text", "5511900001011", text={"body": f"for {scheme} at {width}"}),
        message(
            "image", "5511900001011", image={"id": f"{width}{scheme}", "mime_type": "image/png"}
        ),
    )
    with house.person(color_scheme=scheme, viewport={"width": width, "height": 800}) as ana:
        page = ana.open("/inbox")
        page.locator("#list .row").first.click()
        page.locator(".note-form textarea").fill("W" * 300)
        page.get_by_role("button", name="Add note").click()
        expect(page.locator(".thread .note")).not_to_have_count(0)
        menu(page, "More")
        check(page)
        address = page.url.partition("?")[0]
        for show in ("customer", "files"):
            page.goto(f"{address}?show={show}")
            for each in page.locator(".customer details").all():
                each.evaluate("each => { each.open = true }")
            check(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            panel = page.locator(".customer")
            assert panel.evaluate("each => each.scrollWidth <= each.clientWidth")
        assert re.search(r"/inbox/\d+", address)


def test_a_conversation_is_seen_as_it_was_and_nothing_can_be_done_there(house: House) -> None:
    first = message("text", "5511900001012", text={"body": "said first"})
    house.post(first)
    liked = {"message_id": first["id"], "emoji": "🎈"}
    house.post(message("reaction", "5511900001012", reaction=liked))
    house.say("said last", "5511900001012")
    with house.person() as ana:
        page = ana.open("/inbox?phone=5511900001012")
        opened(page, "said last")
        menu(page, "More").get_by_role("link", name="One step back").click()
        bubbles = page.locator(".thread .bubble")
        expect(bubbles).to_have_count(1)
        expect(bubbles).to_contain_text("🎈")
        expect(page.locator(".bar.past")).to_contain_text("As it was on")
        expect(page.locator(".thread-pane form, .customer form")).to_have_count(0)
        check(page)

        page.get_by_role("link", name="Earlier").click()
        expect(bubbles).not_to_contain_text("🎈")
        house.say("not in the past", "5511900001012")
        page.get_by_role("slider", name="Moment").press("End")
        expect(page.locator(".bubble", has_text="said last")).to_be_visible()
        page.get_by_role("link", name="Now").click()
        expect(page.locator(".bubble", has_text="not in the past")).to_be_visible()
        assert page.url.endswith("?phone=5511900001012")
