"""Several processes append to one log: who holds the lock makes others wait, and no more."""

import asyncio

import psycopg
import pytest

from events.errors import LogUnavailable
from events.read import follow, head
from tests.events.appending_process import AppendingProcess
from tests.events.given import (
    START,
    Conn,
    append_named,
    gone,
    name_of,
    names,
    rows,
    until,
    until_it_waits,
    writing,
)

APPENDS = 300


@pytest.mark.slow
async def test_a_follower_of_two_processes_that_append_skips_nothing(
    database: str, log: Conn
) -> None:
    expected = {
        f"{process} {number} {nth}"
        for process in ("a", "b")
        for number in range(APPENDS)
        for nth in range(1 + number % 3)
    } | {f"shared {number}" for number in range(0, APPENDS, 5)}
    seen: list[str] = []

    async def keep_following() -> None:
        async for event in follow(log, START, pause_s=0):
            assert len(seen) + 1 == event.position
            seen.append(name_of(event))
            if seen[-1] == "the end":
                return

    with (
        AppendingProcess(database, "a", str(APPENDS)) as first,
        AppendingProcess(database, "b", str(APPENDS)) as second,
    ):
        assert ["ready", "ready"] == [first.says(), second.says()]
        async with writing(database) as last, asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_following())
            first.begin()
            second.begin()
            new = [int(await asyncio.to_thread(process.says)) for process in (first, second)]
            await append_named(last, "the end")

    assert expected | {"the end"} == set(seen)
    assert len(expected) == sum(new)
    assert seen == await names(log)


async def test_an_append_that_is_held_open_makes_others_wait_and_none_is_skipped(
    database: str, log: Conn
) -> None:
    async with writing(database) as holder, writing(database) as reader:
        async with holder.transaction():
            await append_named(holder, "held")
            waiting = asyncio.create_task(append_named(log, "waited"))
            await until_it_waits(database, log, waiting)

            assert 0 == await head(reader)

        assert [2] == (await waiting).positions
        assert ["held", "waited"] == await names(reader)


async def test_an_append_that_is_rolled_back_leaves_no_gap(database: str, log: Conn) -> None:
    async with writing(database) as holder:
        async with holder.transaction(force_rollback=True):
            await append_named(holder, "rolled back", "rolled back too")
            waiting = asyncio.create_task(append_named(log, "waited"))
            await until_it_waits(database, log, waiting)

        assert [1] == (await waiting).positions
    assert ["waited"] == await names(log)


async def test_what_was_appended_during_the_wait_is_not_appended_again(
    database: str, log: Conn
) -> None:
    """A deduplication that looked at a snapshot older than the lock would not see it."""
    async with writing(database) as holder:
        async with holder.transaction():
            await append_named(holder, "both")
            waiting = asyncio.create_task(append_named(log, "both", "mine"))
            await until_it_waits(database, log, waiting)

        assert ([1, 2], [False, True]) == (await waiting)[1:]
    assert ["both", "mine"] == await names(log)


async def test_a_wait_for_the_lock_ends_with_lock_timeout(database: str, log: Conn) -> None:
    async with writing(database, lock_timeout_ms=1) as impatient, log.transaction():
        await append_named(log, "held")

        with pytest.raises(LogUnavailable, match="55P03"):
            await append_named(impatient, "refused")

        assert impatient.closed

    assert ["held"] == await names(log)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["client killed", "server process ended"])
async def test_the_lock_of_a_dead_holder_is_gone_with_it(
    database: str, log: Conn, how: str
) -> None:
    with AppendingProcess(database, "hold") as holder:
        pid = int(holder.says())
        waiting = asyncio.create_task(append_named(log, "waited"))
        await until_it_waits(database, log, waiting)
        if how == "client killed":
            holder.kill()
        else:
            rows(database, "select pg_terminate_backend(%s)", pid)

        assert [1] == (await waiting).positions

    await until(gone(database, pid))
    assert ["waited"] == await names(log)


async def test_readers_do_not_wait_for_an_append(database: str, log: Conn) -> None:
    async with writing(database) as holder, holder.transaction():
        await append_named(holder, "held")

        assert [] == await names(log)
        with psycopg.connect(database) as conn:
            conn.execute("set transaction isolation level repeatable read read only")

            assert (0,) == conn.execute("select count(*) from log.events").fetchone()
