"""Versions of a view: built beside the live one, activated forwards only, and given back."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from events.database import connect
from events.envelope import Position
from projections import projector, versions
from projections import rebuild as rebuilding
from projections.inbox.view import INBOX
from projections.rebuild import RebuildRunning, rebuild
from projections.status import Status
from projections.status import status as statuses
from projections.verify import verify
from projections.versions import GoesBackInTime
from tests.projections.log import message, moved_to, post, status
from tests.projections.waking import GUARD_S, caught_up, eventually, projecting, sweeping


def a_life(url: str, begin: int = 0, deliveries: int = 12) -> None:
    """Messages, statuses, people who get linked and one who moves."""
    values = []
    for n in range(begin, begin + deliveries):
        phone, user = f"55{n % 4}", f"US.{n % 4}"
        values.append(message(f"in{n}", n, phone=phone, user=user if n % 3 == 0 else None))
        values.append(status(f"out{n // 2}", "read" if n % 2 else "sent", n, phone=phone))
    values.append(moved_to(f"moved{begin}", begin, phone="551", new_phone=f"66{begin}"))
    post(url, *values)


@pytest.fixture
def owner(database: str) -> Iterator[Connection[Any]]:
    with connect(database, "wharf_owner") as conn:
        yield conn


def dump(url: str, version: int) -> dict[str, list[str]]:
    """Every row of a version as text, byte for byte."""
    with psycopg.connect(url) as conn:
        versions.enter(conn, f"inbox_{version}")
        return {
            table: [
                row[0]
                for row in conn.execute(f"select t::text from {table} t order by 1").fetchall()
            ]
            for table in INBOX.keys
        }


def active(url: str) -> int:
    with psycopg.connect(url) as conn:
        row = conn.execute("select version from read.active where view = 'inbox'").fetchone()
    assert row is not None
    return int(row[0])


def test_a_rebuild_gives_the_live_tables_byte_for_byte(database: str) -> None:
    with projecting(database) as working:
        for part in range(4):
            a_life(database, part * 12)
            working.catch_up("inbox")

        version = rebuild(database, INBOX)

    assert (2, 2, "ready") == (version.version, active(database), version.state)
    before = dump(database, 1)
    assert before == dump(database, 2)
    assert all(before[table] for table in ("messages", "statuses", "conversations", "links"))


def test_a_rebuild_beside_live_appends_loses_none_of_them(database: str) -> None:
    a_life(database)
    heard: list[tuple[Position, Position]] = []
    parts = iter(range(100, 200, 20))

    def busy(position: Position, head: Position) -> None:
        heard.append((position, head))
        if (part := next(parts, None)) is not None:
            a_life(database, part, 4)

    with projecting(database) as working, sweeping(working):
        version = rebuild(database, INBOX, busy)
        a_life(database, 300, 4)
        eventually(lambda: caught_up(database))

    assert next(parts, None) is None
    assert heard[-1][1] > heard[0][1], "the head moved meanwhile"
    assert version.version == active(database)
    assert [] == verify(database, INBOX).differences
    assert dump(database, 1) == dump(database, 2)


def test_the_readers_indexes_are_the_same_in_every_version(database: str) -> None:
    rebuild(database, INBOX)
    with psycopg.connect(database) as conn:
        found = [
            conn.execute(
                "select indexname, replace(indexdef, schemaname, '') from pg_indexes"
                " where schemaname = %s order by 1",
                (f"inbox_{version}",),
            ).fetchall()
            for version in (1, 2)
        ]

    assert found[0] == found[1] != []


def test_plain_views_follow_the_active_version(database: str, owner: Connection[Any]) -> None:
    a_life(database)
    rebuild(database, INBOX)
    with connect(database, "wharf_read") as reader:
        for name in INBOX.plain_views:
            row = reader.execute(f"select count(*) from read.{name}").fetchone()
            assert row is not None
            assert row[0] > 0
    versions.activate(owner, INBOX, 2)


def test_a_second_rebuild_at_the_same_time_is_refused(database: str) -> None:
    a_life(database)
    inside, end = threading.Event(), threading.Event()

    def wait(position: Position, head: Position) -> None:
        inside.set()
        assert end.wait(GUARD_S)

    first = threading.Thread(target=rebuild, args=[database, INBOX, wait])
    first.start()
    assert inside.wait(GUARD_S)
    try:
        with pytest.raises(RebuildRunning, match="inbox is being rebuilt by somebody else"):
            rebuild(database, INBOX)
    finally:
        end.set()
        first.join()
    assert 2 == active(database)


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_interrupted_rebuild_leaves_the_live_version_and_is_run_again(
    database: str, at: int
) -> None:
    """While the rows are made, and when they are ready but not yet active."""
    a_life(database)
    with projecting(database) as working:
        working.catch_up("inbox")
        before = dump(database, 1)
        calls = iter(range(1, 100))

        def interrupt(position: Position, head: Position) -> None:
            if next(calls) == at:
                raise Interrupted

        with pytest.raises(Interrupted):
            rebuild(database, INBOX, interrupt)
        assert 1 == active(database)
        assert before == dump(database, 1)
        a_life(database, 50)
        working.catch_up("inbox")

        assert rebuild(database, INBOX).version == active(database)
        assert [] == verify(database, INBOX).differences
        assert before != dump(database, active(database))


REBUILD = """
import sys
from projections.inbox.view import INBOX
from projections.rebuild import rebuild

def say_and_wait(position, head):
    print("rebuilding", flush=True)
    sys.stdin.read()

rebuild(sys.argv[1], INBOX, say_and_wait)
"""


def test_a_killed_rebuild_leaves_the_live_version_and_is_run_again(database: str) -> None:
    a_life(database)
    with projecting(database) as working:
        working.catch_up("inbox")
    before = dump(database, 1)
    with subprocess.Popen(
        [sys.executable, "-c", REBUILD, database],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        assert b"rebuilding\n" == process.stdout.readline()
        process.kill()

    assert 1 == active(database)
    assert before == dump(database, 1)
    # Its session's lock is gone as soon as the server has noticed.
    eventually(lambda: rebuilt(database))
    assert before == dump(database, active(database))


def rebuilt(url: str) -> bool:
    try:
        return rebuild(url, INBOX).version > 1
    except RebuildRunning:
        return False


def test_what_an_interrupted_rebuild_left_is_cleared_away(
    database: str, owner: Connection[Any]
) -> None:
    versions.create(owner, INBOX)
    assert ["ready", "building"] == [v.state for v in versions.versions(owner, "inbox")]

    rebuild(database, INBOX)

    assert ["ready", "ready"] == [v.state for v in versions.versions(owner, "inbox")]


def test_activation_never_goes_back_in_time(database: str, owner: Connection[Any]) -> None:
    a_life(database)
    rebuild(database, INBOX)
    a_life(database, 50)
    with projector.connect_projector(database) as conn:
        projector.catch_up(conn, INBOX, 2)

    with pytest.raises(GoesBackInTime, match="version 1 is at position 0, the active one at"):
        versions.activate(owner, INBOX, 1)
    assert 2 == active(database)


def test_the_old_version_keeps_projecting_and_going_back_is_activation(
    database: str, owner: Connection[Any]
) -> None:
    a_life(database)
    rebuild(database, INBOX)
    a_life(database, 50)
    with projecting(database) as working:
        working.catch_up("inbox")
    assert caught_up(database)
    assert dump(database, 1) == dump(database, 2)

    versions.activate(owner, INBOX, 1)

    assert 1 == active(database)
    assert [] == verify(database, INBOX).differences


def test_an_old_version_goes_only_when_its_time_is_over(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        rebuild(database, INBOX)
    assert [1, 2, 3, 4] == [each.version for each in all_statuses(database)]

    monkeypatch.setattr(rebuilding, "KEPT", timedelta(0))
    rebuild(database, INBOX)

    assert [4, 5] == [each.version for each in all_statuses(database)]
    assert [4] == [each.version for each in all_statuses(database) if each.superseded_at]


def all_statuses(url: str) -> list[Status]:
    with connect(url, "wharf_project") as conn:
        return statuses(conn)


def test_status_shows_how_far_each_version_is_behind(database: str, owner: Connection[Any]) -> None:
    a_life(database)
    (fresh,) = all_statuses(database)
    assert (1, True, "ready", 0) == (fresh.version, fresh.active, fresh.state, fresh.position)
    assert fresh.head == fresh.lag_events > 0
    assert fresh.lag_s > 0

    versions.create(owner, INBOX)
    with projecting(database) as working:
        working.catch_up("inbox")

    live, building = all_statuses(database)
    assert (live.head, 0, 0.0) == (live.position, live.lag_events, live.lag_s)
    assert ("building", False) == (building.state, building.active)
    assert building.head == building.lag_events
    assert building.lag_s >= fresh.lag_s
