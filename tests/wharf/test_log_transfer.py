"""Export and import: the log carried elsewhere, position by position."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from bench.samples import own_numbers
from events import transfer
from events.database import connect
from events.transfer import LogNotEmpty, NotAnExport, export, import_log
from projections.inbox.view import INBOX
from projections.rebuild import rebuild
from tests.projections.log import message, post
from tests.projections.rebuilding import a_life, dump
from tests.write_side.translation.test_samples import SAMPLES
from wharf.cli_events import events as events_command
from wharf.settings import Settings

TABLES = {
    "events": "position",
    "deliveries": "id",
    "delivery_items": "delivery_id, pointer",
}


def exported(url: str) -> list[bytes]:
    with connect(url, "wharf_write") as conn:
        return list(export(conn))


def imported(url: str, lines: list[bytes]) -> transfer.Manifest:
    with connect(url, "wharf_owner") as conn:
        return import_log(conn, lines)


def log(url: str) -> dict[str, list[Any]]:
    with psycopg.connect(url) as conn:
        return {
            table: conn.execute(
                f"select t::text from log.{table} t order by {key}".encode()
            ).fetchall()
            for table, key in TABLES.items()
        }


@pytest.fixture
def lived(database: str) -> str:
    """A log with repeated items, an ignored delivery and a number no float holds."""
    a_life(database)
    odd = message("odd", 1, phone="551")
    odd["messages"][0]["price"] = 10**30
    post(database, odd, odd, message("in1", 1, phone="551"), {})
    return database


def test_an_imported_log_is_the_same_row_by_row(lived: str, other_database: str) -> None:
    lines = exported(lived)

    manifest = imported(other_database, lines)

    assert log(lived) == log(other_database)
    assert all(log(lived).values())
    assert len(log(lived)["events"]) == manifest.events == manifest.last
    assert len(lines) == manifest.deliveries + manifest.items + manifest.events + 1


def test_a_view_is_rebuilt_from_it_byte_for_byte(lived: str, other_database: str) -> None:
    rebuild(lived, INBOX)
    imported(other_database, exported(lived))

    rebuild(other_database, INBOX)

    assert dump(lived, 2) == dump(other_database, 2)
    assert dump(lived, 2)["messages"]


def test_it_goes_on_after_an_import(lived: str, other_database: str) -> None:
    imported(other_database, exported(lived))
    before = len(log(other_database)["events"])

    post(other_database, message("new", 99, phone="551"))

    with psycopg.connect(other_database) as conn:
        assert (before + 1,) == conn.execute("select max(position) from log.events").fetchone()


def test_more_rows_than_fit_a_batch_go_in_together_or_not_at_all(
    lived: str, other_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "ROWS", 3)
    lines = exported(lived)

    with pytest.raises(NotAnExport, match="cut off"):
        imported(other_database, lines[:-1])
    assert not any(log(other_database).values())
    imported(other_database, lines)

    assert log(lived) == log(other_database)


def test_an_import_into_a_log_that_is_not_empty_is_refused(lived: str) -> None:
    lines, before = exported(lived), log(lived)

    with pytest.raises(LogNotEmpty):
        imported(lived, lines)

    assert before == log(lived)


def test_only_the_owner_may_import(database: str) -> None:
    with (
        connect(database, "wharf_write") as conn,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        conn.execute("select log.import_v1('[]', '{}', '[]', '[]')")


def without(kind: str) -> Callable[[list[bytes]], list[bytes]]:
    def change(lines: list[bytes]) -> list[bytes]:
        at = next(n for n, line in enumerate(lines) if line.startswith(f'{{"{kind}"'.encode()))
        return [*lines[:at], *lines[at + 1 :]]

    return change


def signed_anew(
    change: Callable[[list[bytes]], list[bytes]],
) -> Callable[[list[bytes]], list[bytes]]:
    """Somebody has changed the lines and made a manifest that fits them."""

    def changed(lines: list[bytes]) -> list[bytes]:
        kept = change(lines[:-1])
        manifest = json.loads(lines[-1])["manifest"]
        for key, kind in (("deliveries", "delivery"), ("items", "item"), ("events", "event")):
            manifest[key] = sum(line.startswith(f'{{"{kind}"'.encode()) for line in kept)
        manifest["sha256"] = sha256(b"".join(kept)).hexdigest()
        return [*kept, json.dumps({"manifest": manifest}).encode()]

    return changed


BROKEN: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "an event less": (without("event"), "not those that the manifest is of"),
    "a delivery less": (without("delivery"), "not those that the manifest is of"),
    "a gap": (signed_anew(without("event")), "with gaps"),
    "cut off": (lambda lines: lines[:5], "cut off"),
    "cut in a line": (
        lambda lines: [*lines[:5], lines[5][:20]],
        "line 6 .* was cut off there, or changed",
    ),
    "more behind it": (lambda lines: [*lines, lines[0]], "after the manifest"),
    "another kind": (lambda lines: [b'{"other": {}}', *lines], "line 1 is of no kind"),
    "a list": (lambda lines: [b"[]", *lines], "line 1 is none that"),
    "an event twice": (
        signed_anew(lambda lines: [*lines, lines[-1]]),
        "duplicate key value|already exists",
    ),
    "no delivery": (lambda lines: [b'{"delivery": {"id": 1}}', *lines], "missing required"),
    "another format": (
        lambda lines: [*lines[:-1], lines[-1].replace(b'"format":1', b'"format":2')],
        "format 2 is not known",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_whole_export_leaves_the_log_empty(
    lived: str, other_database: str, name: str
) -> None:
    change, told = BROKEN[name]

    with pytest.raises(NotAnExport, match=told):
        imported(other_database, change(exported(lived)))

    assert not any(log(other_database).values())


def told(url: str, *arguments: str, code: int = 0) -> str:
    settings = Settings(database_url=url)
    result = CliRunner().invoke(events_command, arguments, obj=settings)
    assert code == result.exit_code, result.output
    return result.output


def test_the_commands_export_to_a_file_and_import_it(
    lived: str, other_database: str, tmp_path: Path
) -> None:
    file = tmp_path / "log.jsonl"

    told(lived, "export", "--jsonl", "-o", str(file))
    assert 0o600 == file.stat().st_mode & 0o777
    assert [file] == list(tmp_path.iterdir())
    said = told(other_database, "import", str(file))

    assert log(lived) == log(other_database)
    assert f"{len(log(lived)['events'])} events" in said
    assert "nothing was imported" in told(lived, "import", str(file), code=1)
    assert file.read_text() == told(lived, "export", "--jsonl")


def test_the_last_events_are_shown_or_those_from_a_position_on(lived: str) -> None:
    last = told(lived, "tail", "--limit", "3").splitlines()
    first = [json.loads(line) for line in told(lived, "tail", "--from", "1", "--json").splitlines()]
    statuses = told(lived, "tail", "--type", "StatusChanged", "--limit", "500")
    streams = told(lived, "tail", "--stream", first[0]["stream"], "--json").splitlines()

    assert 3 == len(last)
    assert "MessageReceived" in last[-1]
    assert "raw" not in last[-1]
    assert list(range(1, 21)) == [event["position"] for event in first]
    assert {"StatusChanged"} == {line.split()[3] for line in statuses.splitlines()}
    assert {first[0]["stream"]} == {json.loads(line)["stream"] for line in streams}


def test_a_type_of_events_that_there_is_not_is_no_empty_answer(lived: str) -> None:
    said = told(lived, "tail", "--type", "Nope", code=2)

    assert "'Nope' is not one of" in said
    assert "'MessageReceived'" in said


def test_one_event_is_shown_whole(lived: str) -> None:
    event = json.loads(told(lived, "show", "1"))

    assert (1, "MessageReceived") == (event["position"], event["type"])
    assert "raw" in event["data"]
    assert "no event at position 9999" in told(lived, "show", "9999", code=1)


def test_a_sound_log_is_proved_to_be_so(lived: str) -> None:
    found = told(lived, "check")

    assert 7 == found.count(": holds")
    assert json.loads(told(lived, "check", "--json"))["sound"]


BREAKING = {
    "positions run from 1": "delete from log.events where position = 3",
    "each event is of a version": "update log.events set version = 2 where position = 4",
    "an event's delivery is stored": "delete from log.deliveries where id = 1",
    "each body has the SHA-256": "update log.deliveries set body = 'other' where id = 2",
    "a cause comes before": "update log.events set causation = 9 where position = 2",
    "an item's delivery is stored": (
        "update log.delivery_items set position = 999"
        " where ctid in (select ctid from log.delivery_items limit 1)"
    ),
}


@pytest.mark.parametrize("law", BREAKING)
def test_what_somebody_did_to_the_log_is_found(lived: str, law: str) -> None:
    """By the server's owner, past the triggers."""
    with psycopg.connect(lived, autocommit=True) as conn:
        conn.execute("alter table log.events disable trigger all")
        conn.execute("alter table log.deliveries disable trigger all")
        conn.execute("alter table log.delivery_items disable trigger all")
        conn.execute(BREAKING[law].encode())

    found = told(lived, "check", code=1)

    (line,) = [line for line in found.splitlines() if line.startswith(law)]
    assert "BROKEN 1x, first at" in line


if SAMPLES:

    @pytest.mark.deep
    def test_public_samples_come_through(database: str, other_database: str) -> None:
        post(database, *[json.loads(body) for _, body in own_numbers(SAMPLES)])

        imported(other_database, exported(database))

        assert log(database) == log(other_database)
