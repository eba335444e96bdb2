"""A fact is in the log once, however often and however late it is delivered."""

from datetime import timedelta

import pytest

from events.append import append
from tests.events.given import (
    NOON,
    Conn,
    a_delivery,
    an_event,
    append_named,
    deliveries,
    delivery_items,
    names,
    rows,
)


async def test_an_append_answers_the_head_and_each_position(log: Conn) -> None:
    await append_named(log, "first")

    answer = await append_named(log, "second", "third")

    assert (3, [2, 3], [True, True]) == answer


@pytest.mark.slow
async def test_an_event_that_was_there_long_before_keeps_its_position(log: Conn) -> None:
    await append_named(log, "early")
    await append_named(log, *[f"between {number}" for number in range(2_000)])

    answer = await append_named(log, "early", "late")

    assert (2_002, [1, 2_002], [False, True]) == answer
    assert 2_002 == len(await names(log))


async def test_an_event_twice_in_one_append_is_stored_once(log: Conn) -> None:
    answer = await append_named(log, "first", "again", "again", "last")

    assert (3, [1, 2, 2, 3], [True, True, False, True]) == answer
    assert ["first", "again", "last"] == await names(log)


async def test_an_append_of_nothing_answers_the_head(log: Conn) -> None:
    await append_named(log, "only")

    assert (1, [], []) == await append(log, [])


async def test_the_fields_of_an_event_are_kept(database: str, log: Conn) -> None:
    event = an_event("kept", data={"raw": {"n": 1.50}, "text": "¡hola! 👋"}, pointer="/entry/0")
    await append(log, [(0, event)], [a_delivery(b"{}")])

    (row,) = rows(database, "select * from log.events")

    assert event.dedupe == row.pop("dedupe").hex
    assert NOON < row.pop("recorded_at")
    assert {
        "position": 1,
        "stream": event.stream,
        "type": "MessageReceived",
        "version": 1,
        "data": {"raw": {"n": 1.5}, "text": "¡hola! 👋"},
        "occurred_at": NOON,
        "delivery_id": 1,
        "pointer": "/entry/0",
        "actor": None,
        "causation": None,
    } == row


@pytest.mark.parametrize("copies", [1, 3])
async def test_a_byte_identical_redelivery_is_counted_and_changes_nothing_else(
    database: str, log: Conn, copies: int
) -> None:
    event = an_event("message", pointer="/0")
    await append(log, [(0, event)], [a_delivery(b"body", ignored=[("/1", "no content")])])
    (before,) = deliveries(database)
    items = delivery_items(database)

    later = a_delivery(b"body", received_at=NOON + timedelta(days=2), ignored=[("/1", "other")])
    redelivered = [(index, event) for index in range(copies)]
    answer = await append(log, redelivered, [later] * copies)

    assert (1, [None] * copies, [False] * copies) == answer
    changed = {"attempts": 1 + copies, "last_attempt_at": later.received_at}
    assert [before | changed] == deliveries(database)
    assert items == delivery_items(database)
    assert ["message"] == await names(log)


async def test_a_redelivery_older_than_the_last_attempt_does_not_turn_its_time_back(
    database: str, log: Conn
) -> None:
    await append(log, [], [a_delivery(b"body", outcome="ignored")])
    early = a_delivery(b"body", outcome="ignored", received_at=NOON - timedelta(seconds=1))
    await append(log, [], [early])

    (row,) = deliveries(database)

    assert (2, NOON) == (row["attempts"], row["last_attempt_at"])


async def test_a_delivery_twice_in_one_batch_is_one_row_with_two_attempts(
    database: str, log: Conn
) -> None:
    event = an_event("message", pointer="/0")
    twin = a_delivery(b"body", received_at=NOON + timedelta(seconds=1))

    answer = await append(log, [(0, event), (1, event)], [a_delivery(b"body"), twin])

    assert (1, [1, None], [True, False]) == answer
    (row,) = deliveries(database)
    assert (2, NOON, twin.received_at) == (
        row["attempts"],
        row["received_at"],
        row["last_attempt_at"],
    )
    assert [] == delivery_items(database)


async def test_new_and_known_deliveries_mix_in_one_batch(database: str, log: Conn) -> None:
    known, new = a_delivery(b"known"), a_delivery(b"new")
    await append(log, [(0, an_event("known", pointer="/0"))], [known])

    answer = await append(
        log,
        [(0, an_event("known", pointer="/0")), (1, an_event("new", pointer="/0"))],
        [known, new],
    )

    assert (2, [None, 2], [False, True]) == answer
    assert [(1, 2), (2, 1)] == [(row["id"], row["attempts"]) for row in deliveries(database)]
    assert [1, 2] == [
        row["delivery_id"]
        for row in rows(database, "select delivery_id from log.events order by position")
    ]
