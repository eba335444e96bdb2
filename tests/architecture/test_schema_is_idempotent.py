"""schema.sql can be applied again, by several at once, and never to what it does not know."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import LiteralString

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from events.errors import SchemaMismatch
from tests.architecture.dumping import dump, restore
from tests.events.given import append_named, names, rows, writing
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import LOCK, SCHEMA_VERSION, apply_schema

STARTERS = 4


def append_some(url: str, *events: str) -> list[int | None]:
    async def run() -> list[int | None]:
        async with writing(url) as conn:
            return list((await append_named(conn, *events)).positions)

    return asyncio.run(run())


def events_in(url: str) -> list[str]:
    async def run() -> list[str]:
        async with writing(url) as conn:
            return await names(conn)

    return asyncio.run(run())


@pytest.fixture
def blank(server: str) -> Iterator[str]:
    """A database without the schema."""
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute("create database blank")
        yield make_conninfo(server, dbname="blank")
        conn.execute("drop database blank with (force)")


def test_applied_again_it_changes_nothing(database: str) -> None:
    append_some(database, "kept")
    before = dump(database)

    apply_schema(database)

    assert before == dump(database)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        "grant select on log.events to wharf_read",
        "alter table log.events enable trigger events_are_append_only",
        "alter table log.events disable trigger events_are_append_only",
        "update read.versions set position = 1",
    ],
)
def test_the_comparison_sees_what_it_is_for(database: str, change: LiteralString) -> None:
    before = dump(database)
    with psycopg.connect(database) as conn:
        conn.execute(change)

    assert before != dump(database)


def test_a_trigger_that_was_switched_off_is_on_again_when_it_was_applied(database: str) -> None:
    before = dump(database)
    with psycopg.connect(database) as conn:
        conn.execute("alter table log.events disable trigger all")

    apply_schema(database)

    assert before == dump(database)


@pytest.mark.slow
def test_several_can_apply_it_to_a_new_server_at_once(database: str) -> None:
    """Roles belong to the server, so only on a new one are they made as well."""
    with (
        TemporaryDirectory(prefix="wharf-schema-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as url,
        ThreadPoolExecutor(STARTERS) as starters,
    ):
        list(starters.map(apply_schema, [url] * STARTERS))

        assert dump(database) == dump(url)


def test_a_newer_schema_is_refused_and_left_alone(database: str) -> None:
    with psycopg.connect(database) as conn:
        conn.execute("update ops.schema_version set version = %s", (SCHEMA_VERSION + 1,))
        conn.execute("drop view log.current")
    before = dump(database)

    with pytest.raises(SchemaMismatch, match=f"has schema {SCHEMA_VERSION + 1}"):
        apply_schema(database)

    assert before == dump(database)


def test_an_older_schema_is_brought_to_this_version(database: str) -> None:
    before = dump(database)
    with psycopg.connect(database) as conn:
        conn.execute("update ops.schema_version set version = 0")

    apply_schema(database)

    assert before == dump(database)


def test_who_applies_it_waits_for_whoever_is_at_it(database: str) -> None:
    with ThreadPoolExecutor(1) as other, psycopg.connect(database, autocommit=True) as conn:
        conn.execute("select pg_advisory_lock(%s)", (LOCK,))
        applying = other.submit(apply_schema, database)
        while not conn.execute(
            "select from pg_locks where locktype = 'advisory' and not granted"
            "   and database = (select oid from pg_database where datname = current_database())"
        ).fetchall():
            assert not applying.done()
        conn.execute("select pg_advisory_unlock(%s)", (LOCK,))

        applying.result()


def test_positions_survive_dump_and_restore(database: str, blank: str) -> None:
    append_some(database, "first", "second")

    restore(blank, dump(database))

    assert [2, 3] == append_some(blank, "second", "third")
    assert ["first", "second", "third"] == events_in(blank)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(blank, "delete from log.events")
