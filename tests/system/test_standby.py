"""A primary and a hot standby behind one DATABASE_URL."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.database import reading_pool
from projections.inbox.view import INBOX
from projections.verify import verify
from read_api.errors import ProjectionBehind
from read_api.reading import Freshness, Query, Reading
from tests.projections.log import message, post
from tests.projections.waking import projecting
from tests.system.ledger import SETTINGS, Ledger
from tests.system.pair import Pair, pair
from tests.system.service import GUARD_S, Place, caught_up, eventually, rows
from wharf.doctor.database import look_at_database
from wharf.running import warn_of_losses

pytestmark = pytest.mark.slow

ENOUGH = 100
PAUSED = "select pg_get_wal_replay_pause_state()"
MESSAGES = Query("select count(*) as n, bool_and(pg_is_in_recovery()) as there from messages", {})


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair(tmp_path_factory.mktemp("pair")) as both:
        yield both


def test_questions_go_to_the_standby_and_wait_for_what_was_just_written(
    servers: Pair,
) -> None:
    """While the standby is held back, it is as slow as one can be."""
    rows(servers.standby, "select pg_wal_replay_pause()")
    eventually(lambda: rows(servers.standby, PAUSED) == [("paused",)], "a pause")
    post(servers.url, message("in1", 1, phone="551"))
    with projecting(servers.url) as working:
        working.catch_up("inbox")

    asyncio.run(ask_before_and_after(servers))


async def ask_before_and_after(servers: Pair) -> None:
    written = rows(servers.primary, "select max(position) from log.events")[0][0]
    async with reading_pool(servers.reading_standby, size_max=1) as pool:
        reading = Reading(pool, b"key")
        before = await reading.read([MESSAGES])
        with pytest.raises(ProjectionBehind):
            await reading.read([MESSAGES], Freshness(written, wait_s=0.0))
        rows(servers.standby, "select pg_wal_replay_resume()")
        after = await reading.read([MESSAGES], Freshness(written, wait_s=GUARD_S))

    assert ([[{"n": 0, "there": None}]], 0) == (before.rows, before.position)
    assert ([[{"n": 1, "there": True}]], written) == (after.rows, after.position)


async def test_without_being_told_otherwise_questions_go_to_the_primary(servers: Pair) -> None:
    async with reading_pool(servers.url, size_max=1) as pool, pool.connection() as conn:
        found = await conn.execute("select pg_is_in_recovery()")

        assert (False,) == await found.fetchone()


def test_a_standby_that_follows_asynchronously_is_warned_of(
    servers: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    """At the start of the service, and by the doctor."""
    warn_of_losses(servers.url)
    (told,) = [each for each in look_at_database(servers.url) if each.about == "durability"]

    assert "wrong" == told.state
    assert "1 standbys follow asynchronously" in told.told
    assert ["acknowledged webhooks can be lost"] == [each.message for each in caplog.records]


@pytest.mark.deep
def test_when_the_standby_takes_over_nothing_that_was_acknowledged_is_missing(
    tmp_path: Path,
) -> None:
    """The primary dies for good under load; the service finds the new one by itself."""
    with pair(tmp_path) as servers:
        servers.replicate_synchronously()
        place = Place(tmp_path, DATABASE_URL=servers.url, **SETTINGS)
        try:
            service = place.up()
            with Ledger(place) as ledger:
                more_is_acknowledged(ledger)
                servers.kill_primary()
                servers.promote()
                more_is_acknowledged(ledger)
            eventually(lambda: caught_up(servers.standby), "the view")
        finally:
            place.end()

        assert "acknowledged webhooks can be lost" not in service.said()
        assert {200} <= set(ledger.answers) <= {200, 503}
        assert 0 == ledger.lost(servers.standby)
        assert [(0, 0)] == rows(
            servers.standby,
            "select count(*) - count(distinct data ->> 'message_id'), count(*) - max(position)"
            "  from log.events",
        )
        assert [] == verify(servers.standby, INBOX).differences


def more_is_acknowledged(ledger: Ledger) -> None:
    seen = len(ledger.acknowledged)
    eventually(lambda: len(ledger.acknowledged) > seen + ENOUGH, "acknowledgements")
