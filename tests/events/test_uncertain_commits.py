"""Who does not know whether an append was committed appends the same again: it is there once."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from unittest.mock import patch

import pytest
from psycopg.conninfo import make_conninfo

from events import append as appending
from events.errors import CommitUncertain, LogUnavailable
from tests.events.cutting_proxy import cutting_proxy
from tests.events.given import Conn, append_named, gone, names, rows, until, until_it_waits, writing


@contextmanager
def short_limit() -> Iterator[None]:
    """Only as long as no answer can come: one that can may take a busy machine longer."""
    with patch.object(appending, "APPEND_LIMIT_S", 0.1):
        yield


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize(("lost", "committed"), [("request", False), ("answer", True)])
async def test_after_a_lost_connection_the_same_append_again_stores_once(
    database: str, log: Conn, lost: Literal["request", "answer"], committed: bool
) -> None:
    async with cutting_proxy(database) as proxy, writing(proxy.url) as conn:
        await append_named(conn, "before")
        proxy.cut = lost
        with pytest.raises(CommitUncertain, match="connection was lost"):
            await append_named(conn, "uncertain")

        assert conn.closed

    assert (2, [2], [not committed]) == await append_named(log, "uncertain")
    assert ["before", "uncertain"] == await names(log)


async def test_a_frozen_server_is_given_up_and_the_retry_stores_once(
    database: str, log: Conn
) -> None:
    async with writing(database) as conn:
        pid = conn.info.backend_pid
        with frozen(pid):
            with short_limit(), pytest.raises(CommitUncertain, match="no answer within"):
                await append_named(conn, "uncertain")

            assert conn.closed

            async with writing(database) as retrying:
                assert (1, [1], [True]) == await append_named(retrying, "uncertain")

    # Thawed, it does what it was told before anyone gave it up.
    await until(gone(database, pid))
    assert ["uncertain"] == await names(log)


async def test_a_server_that_thaws_before_the_retry_has_stored_it(database: str, log: Conn) -> None:
    async with writing(database) as conn:
        pid = conn.info.backend_pid
        with frozen(pid), short_limit(), pytest.raises(CommitUncertain):
            await append_named(conn, "uncertain")
    await until(gone(database, pid))

    assert (1, [1], [False]) == await append_named(log, "uncertain")


async def test_a_wait_for_the_lock_is_bounded_here_too(database: str, log: Conn) -> None:
    async with writing(database) as conn:
        async with log.transaction():
            await append_named(log, "held")
            with short_limit(), pytest.raises(CommitUncertain, match="no answer within"):
                await append_named(conn, "uncertain")
        await append_named(log, "uncertain", "after")

    assert ["held", "uncertain", "after"] == await names(log)


async def test_an_ended_server_process_is_a_log_that_is_away(database: str, log: Conn) -> None:
    async with writing(database) as conn:
        async with log.transaction():
            await append_named(log, "held")
            waiting = asyncio.create_task(append_named(conn, "refused"))
            await until_it_waits(database, conn, waiting)
            rows(database, "select pg_terminate_backend(%s)", conn.info.backend_pid)

        with pytest.raises(LogUnavailable, match="57P01"):
            await waiting

        assert conn.closed
    assert ["held"] == await names(log)


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
async def test_an_append_on_a_snapshot_of_the_transaction_is_refused(
    database: str, log: Conn, isolation: str
) -> None:
    """Its later statements would not see what others committed while it waited."""
    option = f"-c default_transaction_isolation={isolation}".replace("e r", r"e\ r")
    async with writing(make_conninfo(database, options=option)) as conn:
        with pytest.raises(LogUnavailable, match=f"needs READ COMMITTED, not {isolation}"):
            await append_named(conn, "refused")

    assert [] == await names(log)


async def test_a_server_that_only_reads_is_a_log_that_is_away(database: str) -> None:
    """As a standby is, or a primary that was demoted."""
    read_only = make_conninfo(database, options="-c default_transaction_read_only=on")
    async with writing(read_only) as conn:
        with pytest.raises(LogUnavailable, match="25006"):
            await append_named(conn, "refused")


async def test_a_cancelled_append_leaves_no_connection_that_is_still_at_it(
    database: str, log: Conn
) -> None:
    async with writing(database) as conn, log.transaction():
        await append_named(log, "held")
        cancelled = asyncio.create_task(append_named(conn, "uncertain"))
        await until_it_waits(database, conn, cancelled)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled

        assert conn.closed
    await append_named(log, "uncertain")

    assert ["held", "uncertain"] == await names(log)
