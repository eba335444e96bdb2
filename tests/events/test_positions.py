"""Positions are dense and in commit order, so nobody who follows the log skips an event.

The writers run inside PostgreSQL and the follower reads as fast as it can: at a relaxed pace
the faults of a wrong log are hardly ever seen. A log that is wrong on purpose is put through the
same race, and has to be caught.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from events.read import follow
from tests.events.given import START, Conn, append_named, rows, writing

WRITERS = 6
TRANSACTIONS = 150
COMMITTED = WRITERS * sum(1 + n % 3 for n in range(1, TRANSACTIONS + 1) if n % 10 != 0)
# The control loses in all but every round; this many without a loss are beyond bad luck.
ROUNDS_MAX = 40

# Transactions of different lengths, one to three events each; every tenth is rolled back.
WRITER: LiteralString = """
do $$
begin
    for n in 1..{transactions} loop
        for nth in 1..1 + n % 3 loop
            {write};
        end loop;
        perform sum(x) from generate_series(1, ({writer} * 7919 + n * 104729) % 4000) x;
        if n % 10 = 0 then rollback; else commit; end if;
    end loop;
end $$
"""
APPEND: LiteralString = """
perform log.append_v1('[]', '{{}}', json_build_array(json_build_object(
    'stream', 's', 'type', 'Raced', 'version', 1, 'occurred_at', now(),
    'data', json_build_object('rolled_back', n % 10 = 0),
    'dedupe', md5(format('%s %s %s', {writer}, n, nth)))))
"""
INSERT: LiteralString = "insert into naive_log (type) values ('Raced')"


def write(url: str, statement: LiteralString, number: int) -> None:
    writer = sql.Literal(number)
    query = sql.SQL(WRITER).format(
        transactions=sql.Literal(TRANSACTIONS),
        write=sql.SQL(statement).format(writer=writer),
        writer=writer,
    )
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(query)


async def race(
    url: str,
    statement: LiteralString,
    follower: AsyncIterator[int],
    end: Callable[[], Awaitable[object]],
) -> list[int]:
    """The positions that the follower saw before it met what `end` appends after the race."""

    async def collect() -> list[int]:
        return [position async for position in follower]

    async with asyncio.TaskGroup() as tasks:
        seen = tasks.create_task(collect())
        writers = [asyncio.to_thread(write, url, statement, number) for number in range(WRITERS)]
        await asyncio.gather(*writers)
        await end()
    return seen.result()


async def followed(conn: Conn) -> AsyncIterator[int]:
    """Positions as `follow` gives them, until an event that is none of the race's."""
    async for event in follow(conn, START, pause_s=0):
        if event.type != "Raced":
            return
        yield event.position


async def followed_naively(conn: Conn) -> AsyncIterator[int]:
    """The same over a sequence: whatever is greater than the last one seen."""
    query = "select position, type from naive_log where position > %s order by position"
    checkpoint = 0
    while True:
        for position, type_ in await (await conn.execute(query, (checkpoint,))).fetchall():
            if type_ != "Raced":
                return
            checkpoint = position
            yield position


async def lost_by_a_naive_log(url: str) -> set[int]:
    """The positions that are in the table after a race and that its follower did not see."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        await conn.execute("drop table if exists naive_log")
        await conn.execute("create table naive_log (position bigserial primary key, type text)")

        async def end() -> None:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as last:
                await last.execute("insert into naive_log (type) values ('End')")

        seen = await race(url, INSERT, followed_naively(conn), end)
    committed = rows(url, "select position from naive_log where type = 'Raced'")

    assert COMMITTED == len(committed)
    return {row["position"] for row in committed} - set(seen)


@pytest.mark.slow
async def test_a_follower_sees_every_event_of_many_writers_without_a_gap(
    database: str, log: Conn
) -> None:
    async with writing(database) as reader:
        seen = await race(database, APPEND, followed(reader), lambda: append_named(log, "the end"))

    assert list(range(1, COMMITTED + 1)) == seen
    assert [] == rows(database, "select from log.events where data @> '{\"rolled_back\": true}'")


@pytest.mark.slow
async def test_the_race_catches_a_log_that_numbers_before_it_commits(database: str) -> None:
    """Without this control the test above could be green because it sees nothing."""
    for _ in range(ROUNDS_MAX):
        if await lost_by_a_naive_log(database):
            return

    pytest.fail(f"{ROUNDS_MAX} rounds with a log that loses, and no loss was seen")


async def test_times_of_recording_follow_the_positions(database: str, log: Conn) -> None:
    for number in range(20):
        await append_named(log, f"{number} a", f"{number} b")

    times = [
        r["t"] for r in rows(database, "select recorded_at t from log.events order by position")
    ]

    assert sorted(times) == times
