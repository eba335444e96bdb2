"""Rebuild: the next version beside the live one, by the very same statements."""

import dataclasses
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from events.database import connect
from events.envelope import Position
from projections import projector, versions
from projections.inbox.view import INBOX
from projections.rebuild import RebuildRunning, rebuild
from projections.verify import verify
from tests.projections.rebuilding import a_life, active, dump
from tests.projections.waking import GUARD_S, caught_up, eventually, projecting, sweeping


def slow(at: int) -> object:
    return pytest.param(at, marks=pytest.mark.slow)


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


@pytest.mark.slow
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
        with pytest.raises(RebuildRunning, match=r"inbox is being rebuilt by process [0-9]+ on "):
            rebuild(database, INBOX)
    finally:
        end.set()
        first.join()
    assert 2 == active(database)


@pytest.mark.slow
def test_a_resumed_rebuild_goes_on_from_where_it_was(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector.steps, "__defaults__", (7,))
    a_life(database)
    with projecting(database) as working:
        working.catch_up("inbox")
    reached: list[Position] = []

    def interrupt(position: Position, head: Position) -> None:
        reached.append(position)
        if position >= 14:
            raise Interrupted

    with pytest.raises(Interrupted):
        rebuild(database, INBOX, interrupt)
    again: list[Position] = []
    version = rebuild(database, INBOX, lambda position, head: again.append(position), resume=True)

    assert [0, 7, 14] == reached
    assert 14 == again[0]
    assert (2, 2) == (version.version, active(database))
    assert dump(database, 1) == dump(database, 2)


def test_a_rebuild_that_was_ready_to_answer_is_only_activated(database: str) -> None:
    a_life(database)
    with projecting(database) as working, connect(database, "wharf_owner") as owner:
        working.catch_up("inbox")
        version = versions.create(owner, INBOX)
        versions.finish(owner, INBOX, version)
        working.catch_up("inbox")

    assert 2 == rebuild(database, INBOX, resume=True).version == active(database)
    assert dump(database, 1) == dump(database, 2)


def test_what_an_interrupted_rebuild_made_of_another_view_is_not_gone_on_with(
    database: str,
) -> None:
    with connect(database, "wharf_owner") as owner:
        versions.create(owner, dataclasses.replace(INBOX, revision=INBOX.revision + 1))

    version = rebuild(database, INBOX, resume=True)

    assert INBOX.definition == version.definition
    with connect(database, "wharf_owner") as owner:
        assert [1, 2] == [each.version for each in versions.versions(owner, "inbox")]


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


@pytest.mark.slow
@pytest.mark.parametrize("at", [1, slow(2), slow(3)])
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


@pytest.mark.slow
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
