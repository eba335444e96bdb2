"""Notes: written, changed and deleted by commands, each of which is an event."""

from typing import Any

import pytest

from tests.projections.log import message, status
from tests.write_side.desk import PHONE, Desk

NOTES = "conversations/1/notes/"


@pytest.fixture
async def ana(desk: Desk) -> Desk:
    """Conversation 1 is Ana's."""
    await desk.got(message("m", 1, phone=PHONE))
    return desk


async def written(desk: Desk, body: str = "prefers e-mail", **headers: str) -> dict[str, Any]:
    answer = await desk.sends("POST", NOTES, {"body": body}, **headers)
    assert 201 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_note_is_shown_with_its_author_and_time(ana: Desk) -> None:
    first = await written(ana)
    await written(ana, "calls after five")

    listed = await ana.sees(NOTES)
    note = listed["notes"][0]
    shown = await ana.sees("conversations/1/")

    assert (2, ["prefers e-mail", "calls after five"]) == (
        listed["count"],
        [each["body"] for each in listed["notes"]],
    )
    assert first == {key: note[key] for key in first if key != "position"} | {"position": 2}
    assert note["author"].startswith("key:")
    assert (2, "prefers e-mail\n\ncalls after five") == (shown["notes_count"], shown["notes"])
    assert 3 == shown["position"]


async def test_an_edited_note_keeps_what_it_said(ana: Desk) -> None:
    note = await written(ana)

    answer = await ana.sends("PATCH", f"notes/{note['id']}/", {"body": "never calls"})
    same = await ana.sends("PATCH", f"notes/{note['id']}/", {"body": "never calls"})
    (shown,) = (await ana.sees(NOTES))["notes"]

    assert ("never calls", note["created_at"]) == (
        answer.json()["body"],
        answer.json()["created_at"],
    )
    assert {**answer.json(), "versions": shown["versions"]} == shown | {
        "position": answer.json()["position"]
    }
    assert ["prefers e-mail", "never calls"] == [each["body"] for each in shown["versions"]]
    assert same.json() == answer.json()
    assert ["NoteAdded", "NoteEdited"] == ana.said()


async def test_a_deleted_note_is_there_no_more_and_stays_in_the_log(ana: Desk) -> None:
    note = await written(ana)
    path = f"notes/{note['id']}/"

    answer = await ana.sends("DELETE", path)
    again = [
        await ana.sends("DELETE", path),
        await ana.sends("PATCH", path, {"body": "x"}),
    ]

    assert (200, True) == (answer.status_code, answer.json()["deleted"])
    assert [404, 404] == [each.status_code for each in again]
    shown = await ana.sees("conversations/1/")
    assert (0, None) == (shown["notes_count"], shown["notes"])
    assert [] == (await ana.sees(NOTES))["notes"]
    assert ["NoteAdded", "NoteDeleted"] == ana.said()


async def test_notes_go_along_when_two_turn_out_to_be_one(desk: Desk) -> None:
    await desk.got(message("a", 1, phone=PHONE), message("b", 2, user="BR.a"))
    await written(desk, "of the phone")
    await desk.sends("POST", "conversations/2/notes/", {"body": "of the user"})
    await desk.got(status("out", "sent", 3, phone=PHONE, user="BR.a"))

    assert ["of the phone", "of the user"] == [
        each["body"] for each in (await desk.sees("conversations/2/notes/"))["notes"]
    ]
    await desk.sends("POST", "conversations/2/notes/", {"body": "of both"})
    assert 3 == (await desk.sees("conversations/1/"))["notes_count"]


async def test_notes_come_in_pages_both_ways(ana: Desk) -> None:
    for body in ("one", "two", "three"):
        await written(ana, body)

    first = await ana.sees(f"{NOTES}?limit=2&sort=-created_at")
    second = await ana.sees(f"{NOTES}?limit=2&sort=-created_at&cursor={first['next_cursor']}")
    back = await ana.sees(f"{NOTES}?limit=2&sort=-created_at&cursor={second['prev_cursor']}")

    assert [["three", "two"], ["one"], ["three", "two"]] == [
        [note["body"] for note in page["notes"]] for page in (first, second, back)
    ]


@pytest.mark.parametrize(
    "wish",
    [{}, {"body": ""}, {"body": "  \n"}, {"body": "a\x00b"}, {"body": 5}, {"body": "x" * 10_001},
     {"body": "x", "author": "eva"}],
    ids=["none", "empty", "blank", "nul", "number", "long", "author"],
)  # fmt: skip
async def test_a_note_that_says_nothing_is_refused(ana: Desk, wish: dict[str, Any]) -> None:
    answer = await ana.sends("POST", NOTES, wish)

    assert (422, "validation") == (answer.status_code, answer.json()["code"])
    assert [] == ana.said()


async def test_what_is_not_there_is_not_found(ana: Desk) -> None:
    answers = [
        await ana.sends("POST", "conversations/99/notes/", {"body": "x"}),
        await ana.sends("GET", "conversations/99/notes/"),
        await ana.sends("PATCH", "notes/1/", {"body": "x"}),
        await ana.sends("DELETE", "notes/x/"),
    ]

    assert ["conversation-not-found", "not-found", "not-found", "not-found"] == [
        answer.json()["code"] for answer in answers
    ]


async def test_the_same_note_can_be_written_twice(ana: Desk) -> None:
    first, second = await written(ana, "called"), await written(ana, "called")

    assert first["id"] < second["id"]
