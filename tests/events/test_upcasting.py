"""`log.current` gives every event in its latest shape, or says that it can't."""

import json

import msgspec
import psycopg
import pytest
from click.testing import CliRunner

from events.append import append
from events.catalogue import CallChanged
from events.checking import check
from events.database import connect
from events.read import head, read_after
from events.transfer import NotAnExport, export, import_log
from tests.events.evolving import upgrade
from tests.events.given import START, Conn, an_event, append_named, rows
from wharf.cli_events import events
from wharf.settings import Settings


async def test_an_event_of_the_latest_version_is_left_as_it_was_stored(
    database: str, log: Conn
) -> None:
    data: dict[str, object] = {"raw": {"n": 1, "list": [None, "x"]}, "text": "hola"}
    await append(log, [(None, an_event("current", data=data))])

    assert [data] == [event.data for event in await read_after(log, START, 9)]
    assert [{"same": True}] == rows(
        database,
        "select e.data = c.data and e.version = c.version as same"
        "  from log.events e join log.current c using (position)",
    )


async def test_an_older_version_that_nobody_can_lift_is_an_error_not_a_gap(log: Conn) -> None:
    await append_named(log, "first")
    await append(log, [(None, an_event("of old", version=0))])

    with pytest.raises(
        psycopg.DatabaseError, match="no upcaster for MessageReceived version 0"
    ) as e:
        await read_after(log, START, 9)

    assert "WH002" == e.value.sqlstate
    assert 2 == await head(log)


async def test_every_step_from_an_old_version_is_taken(database: str, log: Conn) -> None:
    """With a third version of one type, as a release to come may have it."""
    raw = {"language": "pt"}
    await append(log, [(None, an_event("old", data={"text": "x", "raw": raw}))])
    await append(log, [(None, an_event("newer", data={"body": "x", "raw": raw}, version=2))])
    latest: dict[str, object] = {"body": "x", "language": "pt", "raw": raw}
    await append(log, [(None, an_event("newest", data=latest, version=3))])
    stored = rows(database, "select version, data from log.events order by position")

    with psycopg.connect(database) as conn:
        upgrade(conn)
        lifted = conn.execute("select version, data from log.current order by position").fetchall()
        conn.rollback()

    assert [(3, latest)] * 3 == lifted
    assert stored == rows(database, "select version, data from log.events order by position")


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        (
            {"event": "terminate", "status": "COMPLETED", "duration_s": 110},
            {"step": "terminate", "outcome": "COMPLETED", "duration_s": 110},
        ),
        ({"event": "connect"}, {"step": "connect"}),
        ({"event": "connect", "status": None, "duration_s": None}, {"step": "connect"}),
        ({"event": None, "status": "RINGING"}, {"step": "RINGING"}),
        ({"status": "ACCEPTED"}, {"step": "ACCEPTED"}),
        ({"event": "terminate", "duration_s": "007"}, {"step": "terminate", "duration_s": 7}),
        ({"event": "terminate", "duration_s": "a minute"}, {"step": "terminate"}),
    ],
)
async def test_a_call_of_the_first_version_says_step_and_outcome_apart(
    log: Conn, stored: dict[str, object], read: dict[str, object]
) -> None:
    both: dict[str, object] = {
        "call_id": "wacid.1",
        "phone_number_id": "1",
        "raw": {"id": "wacid.1"},
    }
    old = an_event("call", data={**both, **stored})
    await append(log, [(None, msgspec.structs.replace(old, type="CallChanged", version=1))])

    (event,) = await read_after(log, START, 9)

    assert (2, {**both, **read}) == (event.version, event.data)
    assert CallChanged.model_validate_json(json.dumps(event.data))


async def test_an_event_of_a_newer_release_is_an_error_that_says_so(log: Conn) -> None:
    await append(log, [(None, an_event("to come", version=2))])

    with pytest.raises(
        psycopg.DatabaseError, match="MessageReceived version 2 is of a newer release"
    ) as e:
        await read_after(log, START, 9)

    assert "WH003" == e.value.sqlstate


async def test_it_is_told_wherever_the_log_is_looked_at(
    database: str, other_database: str, log: Conn
) -> None:
    await append_named(log, "first")
    await append(log, [(None, an_event("to come", version=2))])

    with connect(database, "wharf_write") as conn:
        (law,) = [each for each in check(conn).laws if each.broken]
        lines = list(export(conn))
    shown = CliRunner().invoke(events, ["show", "2"], obj=Settings(database_url=database))
    with (
        connect(other_database, "wharf_owner") as owner,
        pytest.raises(NotAnExport, match="MessageReceived version 2, at position 2, is of a newer"),
    ):
        import_log(owner, lines)

    assert ("each event is of a version that this release knows", "2") == (law.law, law.example)
    assert "MessageReceived version 2 is of a newer release" in shown.output
    assert [{"count": 0}] == rows(other_database, "select count(*) from log.events")


async def test_an_export_has_what_was_stored_and_a_newer_release_lifts_it(
    database: str, other_database: str, log: Conn
) -> None:
    await append(log, [(None, an_event("old", data={"text": "x", "raw": {}}))])
    with connect(database, "wharf_write") as conn:
        lines = list(export(conn))
    with psycopg.connect(other_database, autocommit=True) as conn:
        upgrade(conn)

    with connect(other_database, "wharf_owner") as owner:
        import_log(owner, lines)

    assert [{"version": 1, "data": {"text": "x", "raw": {}}}] == rows(
        other_database, "select version, data from log.events"
    )
    assert [{"body": "x", "language": None, "raw": {}}] == [
        row["data"] for row in rows(other_database, "select data from log.current")
    ]
