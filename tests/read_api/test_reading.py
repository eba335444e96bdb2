"""Reading: one snapshot for one answer, the active version, and a database that comes back."""

import asyncio
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import DictRow

from events.database import reading_pool
from read_api.errors import StoreUnavailable
from read_api.numbers import only
from read_api.reading import Answers, Query, Reading
from tests.read_api import rows

Inbox = Connection[Any]
COUNT = Query("select count(*) as count from messages", {})


def counted(answers: Answers) -> list[int]:
    return [found["count"] for (found,) in answers.rows]


async def test_rows_that_change_between_two_statements_are_not_seen(
    reading: Reading, inbox: Inbox
) -> None:
    rows.message(inbox, 1)
    rows.reach(inbox, 1)

    def change(found: list[list[DictRow]]) -> list[Query]:
        rows.message(inbox, 2)
        rows.reach(inbox, 2)
        return [COUNT]

    answers = await reading.read([COUNT], then=change)

    assert [1, 1] == counted(answers)
    assert 1 == answers.position
    assert [2] == counted(await reading.read([COUNT]))


async def test_statements_that_go_out_together_have_one_snapshot(reading: Reading) -> None:
    where = Query(
        "select pg_current_snapshot()::text as snapshot, now() as began,"
        "       current_setting('transaction_isolation') as isolation,"
        "       current_setting('transaction_read_only') as read_only",
        {},
    )
    for _ in range(7):  # often enough for the statement to be prepared
        first, second = (await reading.read([where, where])).rows

        assert first == second
        assert ("repeatable read", "on") == (first[0]["isolation"], first[0]["read_only"])


async def test_plans_are_made_once_only_where_every_statement_says_so(reading: Reading) -> None:
    mode: LiteralString = "select current_setting('plan_cache_mode') as mode"
    once, anew = Query(mode, {}, one_plan=True), Query(mode, {})

    def modes(answers: Answers) -> list[str]:
        return [found["mode"] for (found,) in answers.rows]

    for _ in range(2):  # and again on a connection that has entered
        assert ["force_generic_plan"] == modes(await reading.read([once]))
        assert ["force_custom_plan"] * 2 == modes(await reading.read([once, anew]))
        later = await reading.read([once], then=lambda found: [anew])
        assert ["force_custom_plan"] * 2 == modes(later)
        assert ["force_custom_plan"] == modes(await reading.read([anew]))


async def test_the_active_version_answers(reading: Reading, inbox: Inbox) -> None:
    rows.message(inbox, 1)
    for _ in range(7):  # often enough for the statement to be prepared
        assert [1] == counted(await reading.read([COUNT]))

    inbox.execute("create schema inbox_9")
    try:
        inbox.execute("create table inbox_9.messages ()")
        inbox.execute("grant usage on schema inbox_9 to wharf_read")
        inbox.execute("grant select on inbox_9.messages to wharf_read")
        inbox.execute(
            "insert into read.versions (view, version, schema_name, state, position)"
            " values ('inbox', 9, 'inbox_9', 'ready', 8)"
        )
        inbox.execute("update read.active set version = 9 where view = 'inbox'")

        answers = await reading.read([COUNT])

        assert ([0], 8, 9) == (counted(answers), answers.position, answers.version)
    finally:
        inbox.execute("update read.active set version = 1 where view = 'inbox'")
        inbox.execute("delete from read.versions where version = 9")
        inbox.execute("drop schema inbox_9 cascade")
    assert [1] == counted(await reading.read([COUNT]))


async def test_what_is_asked_of_tables_that_are_gone_is_asked_of_the_active_ones(
    reading: Reading, inbox: Inbox
) -> None:
    """A connection that has entered meets the version before it was retired, and after."""
    await reading.read([COUNT])
    try:
        inbox.execute("alter schema inbox_1 rename to inbox_moved")
        inbox.execute("update read.versions set schema_name = 'inbox_moved' where view = 'inbox'")

        assert [0] == counted(await reading.read([COUNT]))
    finally:
        inbox.execute("alter schema inbox_moved rename to inbox_1")
        inbox.execute("update read.versions set schema_name = 'inbox_1' where view = 'inbox'")
    assert [0] == counted(await reading.read([COUNT]))


async def test_no_rows_have_a_position_too(reading: Reading, inbox: Inbox) -> None:
    rows.reach(inbox, 5)
    nothing = Query("select m.id from messages m order by m.id", {})
    for _ in range(3):
        answers = await reading.read([nothing])

        assert ([[]], 5, 1) == (answers.rows, answers.position, answers.version)


async def test_one_connection_is_asked_by_several_views(shared_database: str) -> None:
    path = Query("select current_setting('search_path') as path", {})
    async with reading_pool(shared_database, size_max=1) as pool:
        views = {view: Reading(pool, b"key", view) for view in ("inbox", "media")}
        for _ in range(3):
            for view, reading in views.items():
                (found,) = (await reading.read([path])).rows[0]

                assert found["path"].startswith(f"{view}_1,")


async def test_who_may_see_some_numbers_leaves_no_trace(shared_database: str) -> None:
    seen = Query("select current_setting('wharf.numbers', true) as numbers from messages", {})
    path = Query("select current_setting('search_path') as path", {})
    async with reading_pool(shared_database, size_max=1) as pool:
        reading = Reading(pool, b"key")
        for _ in range(3):
            with only(["1065"]):
                (limited,) = (await reading.read([path])).rows[0]
                await reading.read([seen])
            (free,) = (await reading.read([path])).rows[0]

            assert "inbox_1_numbered" in limited["path"]
            assert "numbered" not in free["path"]


async def test_nothing_is_set_in_a_session_that_is_a_poolers(shared_database: str) -> None:
    async with reading_pool(shared_database, size_max=1) as pool:
        async with pool.connection() as conn:
            conn.prepare_threshold = None  # as in a pool that goes to one
            before = await (await conn.execute("show search_path")).fetchone()
        for _ in range(3):
            await Reading(pool, b"key").read([COUNT])
        async with pool.connection() as conn:
            assert before == await (await conn.execute("show search_path")).fetchone()


async def test_reading_can_not_write(reading: Reading) -> None:
    with pytest.raises(
        (psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.InsufficientPrivilege)
    ):
        await reading.read([Query("delete from messages", {})])


async def test_a_failed_statement_leaves_the_connection_usable(reading: Reading) -> None:
    for _ in range(6):
        with pytest.raises(psycopg.errors.DivisionByZero):
            await reading.read([Query("select 1 / 0", {}), COUNT])

    assert [0] == counted(await reading.read([COUNT]))


async def test_an_answer_that_takes_too_long_is_given_up(reading: Reading) -> None:
    slow = Query("select set_config('statement_timeout', '1', true), pg_sleep(0.05)", {})

    with pytest.raises(StoreUnavailable, match="too long"):
        await reading.read([slow, Query("select pg_sleep(5)", {})])


async def test_lost_connections_are_replaced_without_an_error(
    reading: Reading, inbox: Inbox
) -> None:
    """As after a restart of the database: every idle connection is dead, and nobody knows."""
    await asyncio.gather(*(reading.read([COUNT]) for _ in range(8)))
    inbox.execute(
        "select pg_terminate_backend(pid, 60000) from pg_stat_activity"
        " where application_name = 'wharf-read'"
    )

    answers = await asyncio.gather(*(reading.read([COUNT]) for _ in range(8)))

    assert [[0]] * 8 == [counted(answer) for answer in answers]


async def test_a_database_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    async with reading_pool(f"host={tmp_path} dbname=wharf", size_max=2) as pool:
        pool.timeout = 0.1
        with pytest.raises(StoreUnavailable):
            await Reading(pool, b"key").read([COUNT])
