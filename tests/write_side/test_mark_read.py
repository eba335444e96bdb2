"""Marking a conversation read: counted from the log, and only what was there to be seen."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from events.database import reading_pool, writing_pool
from events.errors import StreamMoved
from read_api.finding import find_conversations
from read_api.reading import Reading
from tests.projections.log import NUMBER, Row, message, status
from tests.write_side.desk import PHONE, Desk
from write_side.cause import Cause
from write_side.mark_read import Finding, MarkedRead, MarkRead, MarkReadCommand


def on_number(value: Row, number: str) -> Row:
    return {**value, "metadata": {"display_phone_number": "1", "phone_number_id": number}}


@pytest.mark.parametrize("phone", [PHONE, f"+{PHONE}", "+55 11 98765-4321", f" {PHONE}"])
async def test_by_phone_number_everything_so_far_is_read(desk: Desk, phone: str) -> None:
    await desk.got(*[message(f"m{n}", n, phone=PHONE) for n in range(3)])
    await desk.got(message("other", 9, phone="4915200000000"))

    answer = await desk.marks(phone_number=phone)

    assert answer == {
        "conversation_id": 1,
        "marked": 3,
        "unread_count": 0,
        "notified": False,
        "position": 5,
        "conversations": [{"conversation_id": 1, "marked": 3, "unread_count": 0}],
    }
    assert {PHONE: 0, "4915200000000": 1} == desk.unread()


async def test_by_id_everything_so_far_is_read(desk: Desk) -> None:
    """A person without a phone number has no other name."""
    await desk.got(message("other", 1, phone=PHONE), message("m", 2, user="US.1"))

    answer = await desk.marks(conversation_id=2)

    assert (2, 1, 0) == (answer["conversation_id"], answer["marked"], answer["unread_count"])
    assert {PHONE: 1, "US.1": 0} == desk.unread()


async def test_who_did_it_is_in_the_log(desk: Desk) -> None:
    await desk.got(message("m", 1, phone=PHONE))
    await desk.marks(phone_number=PHONE)

    ((actor, stream, up_to),) = desk.store.rows(
        "select actor, stream, data ->> 'up_to' from log.events where type = 'ConversationRead'"
    )
    assert actor.startswith("key:")
    assert (f"{NUMBER}/p:{PHONE}", "1") == (stream, up_to)


@pytest.mark.parametrize("which", ["m1", 2])
async def test_up_to_a_message_the_later_ones_stay_unread(desk: Desk, which: str | int) -> None:
    """The message is named by Meta's id or by ours."""
    await desk.got(*[message(f"m{n}", n, phone=PHONE) for n in range(4)])

    answer = await desk.marks(phone_number=PHONE, up_to_message_id=which)

    assert (2, 2) == (answer["marked"], answer["unread_count"])
    assert {PHONE: 2} == desk.unread()

    assert 2 == (await desk.marks(phone_number=PHONE))["marked"]
    assert {PHONE: 0} == desk.unread()


async def test_reading_never_goes_back(desk: Desk) -> None:
    await desk.got(*[message(f"m{n}", n, phone=PHONE) for n in range(4)])
    await desk.marks(phone_number=PHONE)

    answer = await desk.marks(phone_number=PHONE, up_to_message_id="m1")

    assert (0, 0) == (answer["marked"], answer["unread_count"])
    assert {PHONE: 0} == desk.unread()


async def test_with_nothing_to_mark_nothing_is_appended(desk: Desk) -> None:
    await desk.got(message("m", 1, phone=PHONE))
    first = await desk.marks(phone_number=PHONE)

    again = await desk.marks(phone_number=PHONE)

    assert (0, 0) == (again["marked"], again["unread_count"])
    assert first["position"] == again["position"]
    assert 1 == desk.reads()


async def test_statuses_and_repeated_deliveries_count_for_nothing(desk: Desk) -> None:
    twice = message("m", 1, phone=PHONE)
    await desk.got(twice, twice, status("out", "sent", 2, phone=PHONE))

    assert 1 == (await desk.marks(phone_number=PHONE))["marked"]


async def test_a_message_that_arrives_late_is_still_unread(desk: Desk) -> None:
    await desk.got(message("m", 100, phone=PHONE))
    await desk.marks(phone_number=PHONE)

    await desk.got(message("older, and late", 1, phone=PHONE))

    assert {PHONE: 1} == desk.unread()
    assert 1 == (await desk.marks(phone_number=PHONE))["marked"]
    assert {PHONE: 0} == desk.unread()


async def test_the_same_person_on_several_business_numbers_is_read_on_all(desk: Desk) -> None:
    await desk.got(message("a", 1, phone=PHONE), on_number(message("b", 2, phone=PHONE), "2"))
    await desk.got(on_number(message("c", 3, phone=PHONE), "2"))

    answer = await desk.marks(phone_number=PHONE)

    assert [(1, 1), (2, 2)] == [
        (each["conversation_id"], each["marked"]) for each in answer["conversations"]
    ]
    assert (3, 0) == (answer["marked"], answer["unread_count"])
    assert 2 == desk.reads()
    assert [0, 0] == [row["unread_count"] for row in desk.inbox.conversations()]


async def test_a_message_on_one_of_several_numbers_marks_that_one(desk: Desk) -> None:
    await desk.got(message("a", 1, phone=PHONE), on_number(message("b", 2, phone=PHONE), "2"))

    answer = await desk.marks(phone_number=PHONE, up_to_message_id="b")

    assert [2] == [each["conversation_id"] for each in answer["conversations"]]
    assert [1, 0] == [row["unread_count"] for row in desk.inbox.conversations()]


@pytest.mark.parametrize("first", [{"phone": PHONE}, {"user": "US.1"}], ids=str)
async def test_a_person_who_became_one_of_two_is_read_as_one(
    desk: Desk, first: dict[str, str]
) -> None:
    """What one of the two has unread counts, though the other was read further."""
    second = {"user": "US.1"} if "phone" in first else {"phone": PHONE}
    await desk.got(message("unread", 1, **first), message("read", 2, **second))
    await desk.marks(conversation_id=2)
    await desk.got(status("out", "sent", 3, phone=PHONE, user="US.1"))
    assert [1] == [row["unread_count"] for row in desk.inbox.conversations()]

    answer = await desk.marks(phone_number=PHONE)

    assert (1, 0) == (answer["marked"], answer["unread_count"])
    assert [0] == [row["unread_count"] for row in desk.inbox.conversations()]


async def test_a_message_that_comes_between_the_look_and_the_append_is_looked_at(
    desk: Desk,
) -> None:
    """Nobody may be told of counts that were not true at any position."""
    await desk.got(message("m", 1, phone=PHONE))
    interruptions = iter([message("between", 2, phone=PHONE)])

    answer = await interrupted(desk, interruptions)

    assert (2, 0) == (answer["marked"], answer["unread_count"])
    assert 1 == desk.reads()


async def test_a_conversation_that_never_rests_is_a_conflict(desk: Desk) -> None:
    await desk.got(message("m", 1, phone=PHONE))
    interruptions = (message(f"m{n}", n, phone=PHONE) for n in count(2))

    with pytest.raises(StreamMoved):
        await interrupted(desk, interruptions)
    assert 0 == desk.reads()


async def interrupted(desk: Desk, interruptions: Iterator[Row]) -> MarkedRead:
    """Mark PHONE read while something comes after each look."""
    writers, readers = (
        writing_pool(desk.store.url, size_max=1),
        reading_pool(desk.store.url, size_max=1),
    )
    async with writers, readers:
        reading = Reading(readers, b"")

        async def find(**asked: Any) -> Finding:
            found = await find_conversations(reading, **asked)
            if (value := next(interruptions, None)) is not None:
                await desk.got(value)
            return found

        wish = MarkRead(phone_number=PHONE)
        return await MarkReadCommand(writers, find)(wish, Cause("somebody"))
