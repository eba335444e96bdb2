"""Taking note of attempts: bounded in memory and in the database, and in nobody's way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from events.database import writing_pool
from tests.write_side.posting import Store, eventually
from write_side import attempt_store
from write_side.attempt_store import counts_of, record
from write_side.attempts import COUNTS_MAX, REMEMBERED_MAX, Attempt, Attempts

FROM = {"client": ("203.0.113.77", 1)}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@asynccontextmanager
async def taking_note(url: str, pause_s: float = 0.0) -> AsyncIterator[Attempts]:
    async with writing_pool(url, size_max=1) as pool:
        attempts = Attempts(pool, pause_s)
        await attempts.start()
        yield attempts
        await attempts.stop()


def listed(store: Store) -> int:
    return int(store.rows("select count(*) from ops.attempts")[0][0])


def counted(store: Store) -> int:
    return int(store.rows("select coalesce(sum(count), 0) from ops.attempt_counts")[0][0])


async def test_a_flood_is_counted_in_full_and_listed_in_part(store: Store) -> None:
    async with taking_note(store.url) as attempts:
        for _ in range(10_000):
            attempts.note("delivery", FROM, "no signature")
        attempts.note("handshake", FROM, "verified")

    assert 10_001 == counted(store)
    assert REMEMBERED_MAX + 1 == listed(store)
    assert [("delivery", REMEMBERED_MAX), ("handshake", 1)] == store.rows(
        "select kind, count(*) from ops.attempts group by kind order by kind"
    )


async def test_the_database_keeps_the_latest_of_each_kind(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt_store, "KEPT_MAX", 10)
    async with writing_pool(store.url, size_max=1) as pool, pool.connection() as conn:
        for start in (0, 8):
            rows = [Attempt("delivery", NOON, f"{start + n}", None, None) for n in range(8)]
            await record(conn, [*rows, Attempt("handshake", NOON, "verified", None, None)], {})

    assert [(str(n),) for n in range(6, 16)] == store.rows(
        "select reason from ops.attempts where kind = 'delivery' order by id"
    )
    assert [(2,)] == store.rows("select count(*) from ops.attempts where kind = 'handshake'")


async def test_counts_are_kept_for_thirty_days(store: Store) -> None:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    ages = {0: 1, 1: 10, 23: 100, 24 * 29: 1_000, 24 * 31: 10_000}
    async with writing_pool(store.url, size_max=1) as pool, pool.connection() as conn:
        for hours, count in ages.items():
            await record(conn, [], {(now - timedelta(hours=hours), "delivery", "why"): count})
            await record(conn, [], {(now - timedelta(hours=hours), "delivery", "why"): count})
        (row,) = await counts_of(conn, "delivery")

    # An hour may begin between our look at the clock and the server's.
    assert row["this_hour"] in (2, None)
    assert row["last_day"] in (222, 22)
    assert 2_222 == row["last_30_days"] == counted(store)


async def test_while_the_database_is_away_memory_is_bounded_and_nothing_fails(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.execute("alter table ops.attempts rename to away")
    # It tries once, and then not again before it is stopped.
    async with taking_note(store.url, pause_s=3_600) as attempts:
        for n in range(2 * COUNTS_MAX):
            attempts.note("delivery", FROM, f"reason {n}")

        async def complained() -> bool:
            return "attempts are not written down yet" in caplog.messages

        await eventually(complained)
        attempts.note("delivery", FROM, "reason 0")
        store.execute("alter table ops.away rename to attempts")

    assert COUNTS_MAX + 1 == counted(store)
    assert REMEMBERED_MAX == listed(store)
    assert ("reason 0",) == store.rows("select reason from ops.attempts order by id desc")[0]


async def test_two_processes_write_into_the_same_counts(store: Store) -> None:
    async with taking_note(store.url) as one, taking_note(store.url) as other:
        for _ in range(500):
            one.note("delivery", FROM, "no signature")
            other.note("delivery", FROM, "no signature")

    assert 1_000 == counted(store)
