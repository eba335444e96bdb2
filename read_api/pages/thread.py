"""The lines of a thread: messages with the days between them, notes among them, who begins anew."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta, tzinfo
from typing import Any, NamedTuple

from read_api.pages import words

# What one person writes within this time stands closer together.
RUN = timedelta(minutes=5)

Message = Mapping[str, Any]
Note = Mapping[str, Any]


class Line(NamedTuple):
    """`kind` is day, unread, message or note; `first` says that a run of messages begins."""

    kind: str
    thing: Any
    first: bool = True


def lines(
    messages: Sequence[Message],
    notes: Sequence[Note],
    unread_count: int,
    zone: tzinfo,
    today: date,
    until: str | None = None,
) -> list[Line]:
    """Messages come oldest first; notes go to where they were written among them.

    `until` is the time of the first message that comes after these, if there is one.
    """
    unread = unread_ids(messages, unread_count)
    waiting = _notes_within(messages, notes, until)
    found: list[Line] = []
    before: Message | None = None
    shown_day: date | None = None
    for message in messages:
        while waiting and words.moment(waiting[0]["created_at"]) <= words.moment(
            message["timestamp"]
        ):
            found.append(Line("note", waiting.pop(0)))
            before = None
        day = words.day(message["timestamp"], zone)
        if day != shown_day:
            found.append(Line("day", words.day_name(day, today)))
            shown_day, before = day, None
        if message["id"] in unread and not any(line.kind == "unread" for line in found):
            found.append(Line("unread", unread_count))
            before = None
        found.append(Line("message", message, not _goes_on(before, message)))
        before = message
    found.extend(Line("note", note) for note in waiting)
    return found


def unread_ids(messages: Sequence[Message], unread_count: int) -> set[int]:
    """The unread are the latest incoming by position: what came late is unread though it is old."""
    if unread_count == 0:
        return set()
    incoming = sorted(message["id"] for message in messages if message["direction"] == "in")
    return set(incoming[-unread_count:])


def _notes_within(
    messages: Sequence[Message], notes: Sequence[Note], until: str | None
) -> list[Note]:
    """Older notes come with the older messages, newer ones with the newer."""
    first = words.moment(messages[0]["timestamp"]) if messages else None
    end = words.moment(until) if until else None

    def within(note: Note) -> bool:
        at = words.moment(note["created_at"])
        return (first is None or at >= first) and (end is None or at < end)

    ordered = sorted(notes, key=lambda note: words.moment(note["created_at"]))
    return [note for note in ordered if within(note)]


def _goes_on(before: Message | None, message: Message) -> bool:
    if before is None or _author(before) != _author(message):
        return False
    apart = words.moment(message["timestamp"]) - words.moment(before["timestamp"])
    return apart < RUN


def _author(message: Message) -> tuple[str, object]:
    return message["direction"], message["from_number"] or message["from_name"]
