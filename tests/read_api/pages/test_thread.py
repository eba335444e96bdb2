"""The lines of a thread: days, runs, notes, and where the unread begin."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from read_api.pages.thread import Line, lines

MADRID = ZoneInfo("Europe/Madrid")
TODAY = date(2026, 11, 22)


def message(id_: int, at: str, direction: str = "in") -> dict[str, Any]:
    return {
        "id": id_,
        "timestamp": f"2026-11-{at}:00Z",
        "direction": direction,
        "from_number": "5511987654321" if direction == "in" else "15550783881",
        "from_name": None,
    }


def note(id_: int, at: str) -> dict[str, Any]:
    return {"id": id_, "created_at": f"2026-11-{at}:00Z", "body": "call after 5"}


def shape(found: list[Line]) -> list[Any]:
    return [
        line.thing if line.kind in ("day", "unread") else (line.kind, line.thing["id"])
        for line in found
    ]


def test_a_day_begins_where_the_reader_s_midnight_is() -> None:
    messages = [message(1, "21T22:59"), message(2, "21T23:01")]

    found = lines(messages, [], 0, MADRID, TODAY)

    assert ["Yesterday", ("message", 1), "Today", ("message", 2)] == shape(found)


def test_what_one_person_writes_in_a_row_is_one_run() -> None:
    messages = [
        message(1, "22T10:00"),
        message(2, "22T10:04"),
        message(3, "22T10:10"),
        message(4, "22T10:11", "out"),
    ]

    found = lines(messages, [], 0, MADRID, TODAY)

    assert [True, False, True, True] == [line.first for line in found if line.kind == "message"]


def test_the_unread_begin_at_the_first_of_them_also_when_it_came_late() -> None:
    messages = [message(7, "22T09:00"), message(1, "22T10:00"), message(5, "22T10:01")]

    found = lines(messages, [], 2, MADRID, TODAY)

    assert ["Today", 2, ("message", 7), ("message", 1), ("message", 5)] == shape(found)


def test_notes_stand_where_they_were_written_and_older_ones_wait_for_older_messages() -> None:
    messages = [message(1, "22T10:00"), message(2, "22T10:30")]
    notes = [note(9, "22T11:00"), note(8, "22T10:15"), note(3, "20T10:00")]

    found = lines(messages, notes, 0, MADRID, TODAY)

    assert ["Today", ("message", 1), ("note", 8), ("message", 2), ("note", 9)] == shape(found)


def test_a_conversation_without_messages_shows_its_notes() -> None:
    assert [("note", 3)] == shape(lines([], [note(3, "20T10:00")], 0, MADRID, TODAY))


def test_notes_of_older_and_newer_pages_stay_there() -> None:
    messages = [message(1, "22T10:00"), message(2, "22T10:05")]
    notes = [note(3, "22T09:59"), note(4, "22T10:06"), note(5, "22T10:10"), note(6, "22T11:00")]

    found = lines(messages, notes, 0, MADRID, TODAY, until="2026-11-22T10:10:00Z")

    assert ["Today", ("message", 1), ("message", 2), ("note", 4)] == shape(found)
