"""Poison: an event that a view can not apply does not stop the others, and is not lost."""

import asyncio
import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import Connection

from events.append import append
from events.database import connect, connect_async
from events.dedupe import dedupe_key
from events.envelope import NewEvent, Position
from projections import poison, projector, versions
from projections.catalogue import VIEWS
from projections.inbox.view import INBOX
from projections.poison import TooMuchPoison
from projections.rebuild import HasPoison, rebuild
from projections.status import status
from projections.verify import verify
from projections.view import View
from tests.events.evolving import upgrade
from tests.projections.log import NUMBER, message, post
from tests.projections.rebuilding import a_life, active, dump
from wharf.cli_projections import projections
from wharf.settings import Settings

BAD = (3, 11, 12)


def failing(fail: Callable[[Connection[Any]], None], *bad: int) -> View:
    """The inbox, which fails whenever one of these events is in a batch."""

    def apply(conn: Connection[Any], after: Position, to: Position) -> None:
        INBOX.apply(conn, after, to)
        if any(after < position <= to for position in bad):
            fail(conn)

    return dataclasses.replace(INBOX, apply=apply)


def raising(error: Exception) -> Callable[[Connection[Any]], None]:
    def fail(conn: Connection[Any]) -> None:
        raise error

    return fail


def executing(statement: str) -> Callable[[Connection[Any]], None]:
    def fail(conn: Connection[Any]) -> None:
        conn.execute(statement.encode())

    return fail


def caught_up(url: str, view: View, step_events: int = 100) -> list[Position]:
    """What was put aside."""
    with projector.connect_projector(url) as conn:
        projector.catch_up(conn, view, 1, step_events=step_events)
        return poison.positions(conn, "inbox", 1)


FAULTS = {
    "a value": executing("select 1 / 0"),
    "a row twice": executing("insert into identities select * from identities"),
    "a function": executing("do $$ begin raise exception 'no'; end $$"),
    "a key": raising(KeyError("name")),
    "depth": raising(RecursionError()),
    "memory": raising(MemoryError()),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_event_is_put_aside_and_applied_after_the_view_is_mended(
    database: str, fault: str
) -> None:
    a_life(database)

    assert list(BAD) == caught_up(database, failing(FAULTS[fault], *BAD))

    with projector.connect_projector(database) as conn:
        (version,) = versions.versions(conn, "inbox")
        for position in BAD:
            assert poison.retry(conn, INBOX, version, Position(position)) is None
        assert [] == poison.listed(conn)
    assert [] == verify(database, INBOX).differences
    assert dump(database, 1)["messages"]


@pytest.mark.slow
@pytest.mark.parametrize("step_events", [1, 2, 5, 1_000])
def test_the_size_of_the_batch_does_not_matter(database: str, step_events: int) -> None:
    a_life(database)

    assert list(BAD) == caught_up(database, failing(FAULTS["a value"], *BAD), step_events)


def test_an_event_whose_data_no_statement_takes_is_found_among_others(database: str) -> None:
    """Inside of a pipeline, where what follows the failure fails as well."""
    post(database, *[message(f"m{n}", n, phone="551") for n in range(5)])
    append_broken(database)
    post(database, *[message(f"n{n}", n, phone="551") for n in range(5)])

    assert [6] == caught_up(database, INBOX)

    assert [] == verify(database, INBOX).differences
    assert 10 == len(dump(database, 1)["messages"])
    with connect(database, "wharf_project") as conn:
        (found,) = poison.listed(conn)
        assert ("MessageReceived", "22007", 1) == (found.type, found.sqlstate, found.tries)
        assert (11, 1) == next((s.position, s.poison) for s in status(conn) if s.view == "inbox")


def append_broken(url: str) -> None:
    """A message with a time that is none: nothing of ours writes such a one."""

    async def run() -> None:
        async with await connect_async(url, "wharf_write") as conn:
            data: dict[str, object] = {
                "message_id": "x",
                "phone_number_id": NUMBER,
                "received_at": "tomorrow-ish",
            }
            event = NewEvent(
                f"{NUMBER}/p:551",
                "MessageReceived",
                1,
                data,
                datetime.now(UTC),
                dedupe_key(0, "broken"),
            )
            await append(conn, [(None, event)])

    asyncio.run(run())


@pytest.mark.slow
@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("the server is gone"),
        psycopg.errors.DiskFull("no space"),
        psycopg.errors.QueryCanceled("too slow"),
        psycopg.errors.IdleInTransactionSessionTimeout("stood still"),
        psycopg.errors.UndefinedTable("no such table"),
        psycopg.errors.InsufficientPrivilege("not yours"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_is_not_the_events_fault_is_never_poison(database: str, error: Exception) -> None:
    a_life(database)

    with pytest.raises(type(error)):
        caught_up(database, failing(raising(error), 5))

    assert [] == caught_up(database, INBOX)
    assert [] == verify(database, INBOX).differences


@pytest.mark.slow
def test_a_view_that_fails_for_everything_stops(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_life(database)
    monkeypatch.setattr(poison, "POISON_MAX", 3)

    with pytest.raises(TooMuchPoison, match="has put 3 events aside and stops"):
        caught_up(database, failing(FAULTS["a value"], *range(100)))

    with connect(database, "wharf_project") as conn:
        assert [1, 2, 3] == poison.positions(conn, "inbox", 1)
        assert 3 == versions.versions(conn, "inbox")[0].position


@pytest.mark.slow
def test_a_rebuild_that_could_not_apply_all_does_not_answer(database: str) -> None:
    a_life(database)
    broken = failing(FAULTS["a value"], 4)

    with pytest.raises(HasPoison, match=r"version 2 could not apply 1 events, the first at .* 4"):
        rebuild(database, broken)
    assert 1 == active(database)

    assert 2 == rebuild(database, INBOX).version
    assert [] == verify(database, INBOX).differences


def test_what_was_skipped_holds_no_rebuild_up(database: str) -> None:
    a_life(database)
    broken = failing(FAULTS["a value"], 4)
    with pytest.raises(HasPoison):
        rebuild(database, broken)
    with connect(database, "wharf_project") as conn:
        assert poison.skip(conn, "inbox", 2, Position(4))
        assert not poison.skip(conn, "inbox", 2, Position(5))

    assert 2 == rebuild(database, broken, resume=True).version == active(database)
    with connect(database, "wharf_project") as conn:
        assert [0, 0] == [each.poison for each in status(conn) if each.view == "inbox"]


def test_the_commands_show_it_try_again_and_skip(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_life(database)
    broken = failing(FAULTS["a value"], *BAD)
    caught_up(database, broken)

    def told(*arguments: str) -> tuple[int, str]:
        settings = Settings(database_url=database)
        result = CliRunner().invoke(projections, ["poison", *arguments], obj=settings)
        return result.exit_code, result.output

    code, text = told("list")
    assert (0, 3) == (code, len(text.splitlines()))
    assert "inbox version 1  position 3  " in text
    assert "DivisionByZero: division by zero" in text
    assert [3, 11, 12] == [each["position"] for each in json.loads(told("list", "--json")[1])]
    assert "error: DivisionByZero" in told("show", "inbox", "11")[1]

    monkeypatch.setitem(VIEWS, "inbox", broken)
    code, text = told("retry", "inbox", "11")
    assert (1, True) == (code, "position 11: failed again: division by zero" in text)
    assert "tried 2x" in told("list")[1]

    monkeypatch.setitem(VIEWS, "inbox", INBOX)
    assert (0, "inbox version 1 goes without position 3\n") == told("skip", "inbox", "3")
    assert "(skipped)" in told("list")[1]
    code, text = told("retry", "inbox", "--all")
    assert (0, 3) == (code, text.count(": applied"))
    assert "nothing like that" in told("show", "inbox", "3")[1]
    assert [] == verify(database, INBOX).differences


def test_an_event_of_a_newer_release_waits_for_that_release(database: str) -> None:
    """It is put aside, the view goes on, and once the newer schema is there it is applied."""
    post(database, message("before", 1, phone="551"))
    append_received(database, version=2)
    post(database, message("after", 3, phone="551"))

    assert [2] == caught_up(database, INBOX)
    with psycopg.connect(database, autocommit=True) as owner:
        (told,) = poison.listed(owner)
        upgrade(owner)
    retried = CliRunner().invoke(
        projections,
        ["poison", "retry", "inbox", "--all"],
        obj=Settings(database_url=database),
    )

    assert ("WH003", 3) == (told.sqlstate, checkpoint(database))
    assert "MessageReceived version 2 is of a newer release" in told.error
    assert 0 == retried.exit_code, retried.output
    assert ["after", "before", "to come"] == messages(database)


def append_received(url: str, version: int) -> None:
    data: dict[str, object] = {
        "phone_number_id": NUMBER,
        "wa_id": "551",
        "message_id": "to come",
        "message_type": "text",
        "body": "hola",
        "raw": {},
    }

    async def run() -> None:
        async with await connect_async(url, "wharf_write") as conn:
            event = NewEvent(
                f"{NUMBER}/p:551",
                "MessageReceived",
                version,
                data,
                datetime.now(UTC),
                dedupe_key(0, "to come"),
            )
            await append(conn, [(None, event)])

    asyncio.run(run())


def checkpoint(url: str) -> int:
    with connect(url, "wharf_project") as conn:
        return next(each.position for each in status(conn) if each.view == "inbox")


def messages(url: str) -> list[str]:
    with connect(url, "wharf_project") as conn:
        found = conn.execute("select message_id from inbox_1.messages order by 1").fetchall()
    return [message_id for (message_id,) in found]
