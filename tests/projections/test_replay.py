"""Time travel: a view as it was at a position or a time."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from click.testing import CliRunner

from events.database import connect
from events.envelope import Position
from events.read import head_of, position_at
from projections import versions
from projections.inbox.view import INBOX
from projections.replay import SchemaTaken, build_past, pasts
from tests.projections.rebuilding import a_life, dump
from tests.projections.waking import projecting
from wharf.cli_projections import projections
from wharf.settings import Settings


def rows(url: str, schema_name: str) -> dict[str, list[str]]:
    with connect(url, "wharf_read") as conn, conn.transaction():
        versions.enter(conn, schema_name)
        return {
            table: [
                row[0] for row in conn.execute(f"select t::text from {table} t order by 1".encode())
            ]
            for table in INBOX.keys
        }


def test_the_past_is_what_the_view_was_then_byte_for_byte(database: str) -> None:
    a_life(database)
    with projecting(database) as working:
        working.catch_up("inbox")
        then, position = dump(database, 1), head(database)
        a_life(database, 50)
        working.catch_up("inbox")

    past = build_past(database, INBOX, position, "before")

    assert then == rows(database, "before") != dump(database, 1)
    with connect(database, "wharf_owner") as conn:
        assert [past] == pasts(conn)


def head(url: str) -> Position:
    with connect(url, "wharf_owner") as conn:
        return head_of(conn)


def test_a_time_is_the_last_position_recorded_by_then(database: str) -> None:
    a_life(database, deliveries=3)
    with connect(database, "wharf_owner") as conn:
        times = conn.execute("select recorded_at from log.events order by position").fetchall()

        assert 0 == position_at(conn, times[0][0] - timedelta(microseconds=1))
        for number, (recorded_at,) in enumerate(times, 1):
            assert number <= position_at(conn, recorded_at)
        assert len(times) == position_at(conn, times[-1][0])
        assert len(times) == position_at(conn, datetime.max.replace(tzinfo=UTC))


@pytest.mark.parametrize("name", ["inbox_1", "log", "Upper", "a;b", "pg_x", ""])
def test_a_schema_that_is_there_or_no_name_is_refused(database: str, name: str) -> None:
    with pytest.raises(SchemaTaken):
        build_past(database, INBOX, Position(0), name)


def test_a_past_that_could_not_be_built_leaves_nothing(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_life(database)

    def broken(*facts: object) -> None:
        raise psycopg.DataError("no")

    monkeypatch.setattr("projections.replay._mark", broken)
    with pytest.raises(psycopg.DataError):
        build_past(database, INBOX, Position(3), "half")

    with connect(database, "wharf_owner") as conn:
        assert (None,) == conn.execute("select to_regnamespace('half')").fetchone()


def test_the_command_builds_lists_and_drops(database: str) -> None:
    a_life(database)

    def told(*arguments: str) -> str:
        settings = Settings(database_url=database)
        return CliRunner().invoke(projections, ["at", *arguments], obj=settings).output

    assert "inbox as of position 5 is in the schema inbox_at_5" in told("inbox", "--until", "5")
    assert "is in the schema now" in told(
        "inbox", "--until", datetime.now(UTC).isoformat(), "--schema", "now"
    )
    assert "inbox_at_5: inbox as of position 5\n" in told()
    assert "there is a schema inbox_at_5 already" in told("inbox", "--until", "5")
    assert "the log ends at position" in told("inbox", "--until", "99999")
    assert "needs its offset" in told("inbox", "--until", "2026-11-22T10:00:00")
    assert "neither a position nor a time" in told("inbox", "--until", "noon")
    assert "inbox_at_5 is dropped" in told("--drop", "inbox_at_5")
    assert "inbox_1 is no view as of a position" in told("--drop", "inbox_1")
    assert "give a view and --until" in told("inbox")
