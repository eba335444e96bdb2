"""Commits on a server that waits for a standby, and on one whose processes are killed."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from events import append as appending
from events.append import Appended
from events.errors import CommitUncertain, LogUnavailable
from tests.events.given import Conn, append_named, gone, names, rows, until, waits, writing
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import apply_schema

pytestmark = pytest.mark.slow

_numbers = count(1)


@pytest.fixture(scope="module")
def own_server() -> Iterator[str]:
    """A server with the defaults: it does fsync, and commits are synchronous."""
    with (
        tempfile.TemporaryDirectory(prefix="wharf-log-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as url,
    ):
        apply_schema(url)
        yield url


@pytest.fixture
def own_database(own_server: str) -> str:
    name = f"faults_{next(_numbers)}"
    with psycopg.connect(make_conninfo(own_server, dbname="postgres"), autocommit=True) as conn:
        conn.execute(sql.SQL("create database {} template wharf").format(sql.Identifier(name)))
    return make_conninfo(own_server, dbname=name)


@contextmanager
def absent_standby(url: str) -> Iterator[None]:
    """Commits wait for a standby that never comes; at the end they do no more."""
    set_standby(url, "nobody")
    try:
        yield
    finally:
        set_standby(url, "")


def set_standby(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            sql.SQL("alter system set synchronous_standby_names = {}").format(sql.Literal(name))
        )
        conn.execute("select pg_reload_conf()")


async def waiting_append(url: str, conn: Conn) -> tuple[str, asyncio.Task[Appended]]:
    """The name of an event whose append has committed here and waits for the standby."""
    waiting = waits(url, conn.info.backend_pid, event="SyncRep")

    async def waits_or_ends(task: asyncio.Task[Appended]) -> None:
        await until(lambda: task.done() or waiting())

    # The server takes a new setting up in its own time; until then appends go through.
    for number in count():
        name = f"event {number}"
        task = asyncio.create_task(append_named(conn, name))
        await waits_or_ends(task)
        if not task.done():
            return name, task
        await task
    raise AssertionError("unreachable")


async def end_wait(url: str, conn: Conn, task: asyncio.Task[Appended], how: str) -> str:
    """What the append raises when its server process is told to wait no more."""
    rows(url, sql.SQL("select {}(%s)").format(sql.Identifier(how)), conn.info.backend_pid)
    with pytest.raises(CommitUncertain) as caught:
        await task
    return str(caught.value)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("pg_cancel_backend", "committed with a notice: 01000"),
        ("pg_terminate_backend", "the connection was lost"),
    ],
)
async def test_a_commit_whose_wait_for_the_standby_was_cut_short_is_uncertain(
    own_database: str, how: str, reason: str
) -> None:
    """Cancelled, the server reports success; only its warning tells that it isn't."""
    async with writing(own_database) as conn:
        with absent_standby(own_database):
            name, task = await waiting_append(own_database, conn)

            assert reason in await end_wait(own_database, conn, task, how)

        assert conn.closed

    async with writing(own_database) as conn:
        assert [False] == (await append_named(conn, name)).fresh


async def test_a_wait_for_the_standby_is_bounded(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """statement_timeout would not bound it: it does not run during a commit."""
    async with writing(own_database) as first, writing(own_database) as second:
        pid = second.info.backend_pid
        with absent_standby(own_database):
            _, task = await waiting_append(own_database, first)
            await end_wait(own_database, first, task, "pg_cancel_backend")
            monkeypatch.setattr(appending, "APPEND_LIMIT_S", 0.1)
            with pytest.raises(CommitUncertain, match="no answer within"):
                await append_named(second, "bounded")
            monkeypatch.undo()
            await until(waits(own_database, pid, event="SyncRep"))

            # It has committed, and holds the lock until a standby or an operator comes.
            async with writing(own_database, lock_timeout_ms=1) as third:
                with pytest.raises(LogUnavailable, match="55P03"):
                    await append_named(third, "refused")
        await until(gone(own_database, pid))

    async with writing(own_database) as conn:
        assert [False] == (await append_named(conn, "bounded")).fresh
        assert "refused" not in await names(conn)


async def test_what_was_acknowledged_is_there_after_kill_9_and_what_was_not_is_there_once(
    own_database: str,
) -> None:
    async with writing(own_database) as victim:
        acknowledged = [f"event {number}" for number in range(50)]
        for name in acknowledged:
            await append_named(victim, name)
        uncertain = asyncio.create_task(append_named(victim, "uncertain"))
        await asyncio.sleep(0)
        # The server takes this for a crash and recovers from its write-ahead log.
        os.kill(victim.info.backend_pid, signal.SIGKILL)
        await asyncio.wait({uncertain})

    assert [*acknowledged, "uncertain"] == await names_after_a_retry(own_database)


async def names_after_a_retry(url: str) -> list[str]:
    while True:
        try:
            async with writing(url) as conn:
                await append_named(conn, "uncertain")
                return await names(conn)
        except (psycopg.OperationalError, LogUnavailable):
            continue
