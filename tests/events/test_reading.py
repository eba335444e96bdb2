"""Reading by position, and following what is still to come."""

import asyncio

import pytest

from events.append import append
from events.database import connect_async
from events.envelope import Position, RecordedEvent
from events.read import follow, head, read_after
from tests.events.given import (
    NOON,
    START,
    STREAM,
    Conn,
    a_delivery,
    an_event,
    append_named,
    name_of,
    rows,
    until,
    writing,
)


async def test_an_empty_log_has_nothing_before_its_first_position(log: Conn) -> None:
    assert 0 == await head(log)
    assert [] == await read_after(log, START, 10)


async def test_the_head_is_the_position_of_the_newest_event(log: Conn) -> None:
    await append_named(log, "first", "second")

    assert 2 == await head(log)


@pytest.mark.parametrize(
    ("position", "limit", "expected"),
    [(0, 10, [1, 2, 3, 4]), (0, 2, [1, 2]), (2, 10, [3, 4]), (3, 1, [4]), (4, 10, []), (9, 1, [])],
)
async def test_events_are_read_after_a_position_oldest_first(
    log: Conn, position: int, limit: int, expected: list[int]
) -> None:
    await append_named(log, "a", "b", "c", "d")

    events = await read_after(log, Position(position), limit)

    assert expected == [event.position for event in events]


async def test_an_event_is_read_with_all_that_the_log_knows(database: str, log: Conn) -> None:
    event = an_event("read", pointer="/0")
    await append(log, [(0, event)], [a_delivery(b"body")])
    (row,) = rows(database, "select recorded_at from log.events")

    assert [
        RecordedEvent(
            Position(1),
            STREAM,
            "MessageReceived",
            1,
            {"raw": {"text": "read"}},
            NOON,
            row["recorded_at"],
            1,
            "/0",
            None,
            None,
        )
    ] == await read_after(log, START, 1)


async def test_a_projector_may_read_too(database: str, log: Conn) -> None:
    await append_named(log, "first")
    async with await connect_async(database, "wharf_project") as conn:
        assert (1, 1) == (await head(conn), len(await read_after(conn, START, 9)))


async def test_a_follower_gets_what_is_there_and_then_what_comes(database: str, log: Conn) -> None:
    await append_named(log, "a", "b", "c")
    seen: list[str] = []

    async def collect() -> None:
        async with writing(database) as conn:
            async for event in follow(conn, Position(1), limit=1, pause_s=0):
                seen.append(name_of(event))
                if len(seen) == 4:
                    return

    following = asyncio.create_task(collect())
    await until(lambda: len(seen) == 2)
    await append_named(log, "d", "e")
    await following

    assert ["b", "c", "d", "e"] == seen
