"""Versions of a view: each has a schema of its own, and a pointer says which one answers."""

import logging
import os
import socket
from datetime import timedelta
from typing import Any, NamedTuple

from psycopg import Connection, sql
from psycopg.errors import LockNotAvailable
from psycopg.rows import class_row

from events.envelope import Position
from projections import numbered
from projections.view import View

logger = logging.getLogger(__name__)


class Version(NamedTuple):
    """One version of a view; `position` is its checkpoint, the last position it has finished.

    `definition` is that of the view it was made by; null in a version of before 0.1.0.
    """

    view: str
    version: int
    schema_name: str
    state: str
    position: Position
    definition: str | None


class NoSuchVersion(Exception):
    """There is no such version, or it is not ready to answer."""


class GoesBackInTime(Exception):
    """The version to activate is behind the active one: readers would see the past again."""

    def __init__(self, view: str, version: int, position: Position, active: Position) -> None:
        super().__init__(
            f"{view} version {version} is at position {position}, the active one at {active}; "
            "let it catch up first"
        )


def create(conn: Connection[Any], view: View) -> Version:
    """An empty next version in its own schema, still without the indexes that only readers need.

    `conn` acts as wharf_owner, here and below.
    """
    with conn.transaction():
        row = conn.execute(
            "select coalesce(max(version), 0) + 1 from read.versions where view = %s", (view.name,)
        ).fetchone()
        assert row is not None  # an aggregate always answers one row
        schema_name = f"{view.name}_{row[0]}"
        version = Version(view.name, row[0], schema_name, "building", Position(0), view.definition)
        make_schema(conn, view, schema_name)
        numbered.number_views(conn, view, schema_name)
        conn.execute(
            "insert into read.versions (view, version, schema_name, state, definition, builder)"
            " values (%s, %s, %s, %s, %s, %s)",
            (*version[:4], view.definition, this_process()),
        )
    return version


def this_process() -> str:
    """As people are told who holds something."""
    return f"process {os.getpid()} on {socket.gethostname()}"


def make_schema(conn: Connection[Any], view: View, schema_name: str) -> None:
    """A schema with the view's tables, to be written by projectors and read by readers."""
    schema = sql.Identifier(schema_name)
    conn.execute(sql.SQL("create schema {}").format(schema))
    enter(conn, schema_name)
    conn.execute(view.tables)
    for grant in (
        "grant usage on schema {} to wharf_project, wharf_read",
        "grant select, insert, update, delete on all tables in schema {} to wharf_project",
        "grant select on all tables in schema {} to wharf_read",
    ):
        conn.execute(sql.SQL(grant).format(schema))


def enter(conn: Connection[Any], schema_name: str) -> None:
    """Until the transaction ends, tables named without a schema are this version's."""
    conn.execute("select set_config('search_path', quote_ident(%s), true)", (schema_name,))


def finish(conn: Connection[Any], view: View, version: Version) -> None:
    """Build the readers' indexes; from now on projectors keep the version up to date."""
    with conn.transaction():
        enter(conn, version.schema_name)
        conn.execute(view.indexes)
        conn.execute(
            "update read.versions set state = 'ready' where view = %s and version = %s",
            (view.name, version.version),
        )
    conn.execute("analyze")


def activate(conn: Connection[Any], view: View, version: int) -> None:
    """Let this version answer from now on.

    Raises GoesBackInTime when it has seen less than the active one, and NoSuchVersion. Readers
    look the pointer up in the transaction they read in, so each sees one version alone.
    """
    with conn.transaction():
        rows = conn.execute(
            "select v.version, v.schema_name, v.position, v.state, a.version is not null"
            "  from read.versions v left join read.active a using (view, version)"
            " where v.view = %s order by v.version for update of v",
            (view.name,),
        ).fetchall()
        target = next((row for row in rows if row[0] == version), None)
        if target is None or target[3] != "ready":
            raise NoSuchVersion(f"{view.name} has no version {version} that is ready")
        current = next((row for row in rows if row[4]), None)
        if current is not None and target[2] < current[2]:
            raise GoesBackInTime(view.name, version, target[2], current[2])
        conn.execute(
            "insert into read.active (view, version) values (%s, %s)"
            " on conflict (view) do update set version = excluded.version",
            (view.name, version),
        )
        conn.execute(
            "update read.versions"
            "   set superseded_at = case when version = %s then null"
            "                            else coalesce(superseded_at, now()) end"
            " where view = %s",
            (version, view.name),
        )
    try:
        _replace_plain_views(conn, view, target[1])
    except LockNotAvailable:
        # Somebody reads them for long. The version answers all the same.
        logger.warning("plain views left as they were", extra={"view": view.name})


def _replace_plain_views(conn: Connection[Any], view: View, schema_name: str) -> None:
    """Point the views for people with psql at the version; whoever reads one may hold it up."""
    with conn.transaction():
        conn.execute("set local lock_timeout = '5s'")
        enter(conn, schema_name)
        for name, query in sorted(view.plain_views.items()):
            target = sql.Identifier("read", name)
            conn.execute(sql.SQL("drop view if exists {}").format(target))
            conn.execute(sql.SQL("create view {} as ").format(target) + sql.SQL(query))
            conn.execute(sql.SQL("grant select on {} to wharf_read").format(target))


def unfinished(conn: Connection[Any], view: View) -> Version | None:
    """The version that an interrupted rebuild was about to make of the view as it is now."""
    row = conn.execute(
        "select max(v.version) from read.versions v"
        " where v.view = %s and v.definition = %s and v.superseded_at is null"
        "   and not exists (select from read.active a where a.view = v.view"
        "                      and a.version >= v.version)",
        (view.name, view.definition),
    ).fetchone()
    return next((v for v in versions(conn, view.name) if row and v.version == row[0]), None)


def retire(
    conn: Connection[Any], view: View, unused_for: timedelta, kept: Version | None = None
) -> list[Version]:
    """Drop what interrupted rebuilds left, but for `kept`, and what has not answered for so long.

    Until then a version is kept up to date, so that going back is activation too.
    """
    found = conn.execute(
        "select v.version from read.versions v left join read.active a using (view, version)"
        " where v.view = %s and a.version is null and v.version <> %s"
        "   and (v.superseded_at is null or v.superseded_at <= now() - %s)",
        (view.name, kept.version if kept else 0, unused_for),
    ).fetchall()
    retired = [version for version in versions(conn, view.name) if (version.version,) in found]
    answering = active(conn, view.name)
    if retired and answering is not None:
        # They may still show what is dropped now.
        _replace_plain_views(conn, view, answering.schema_name)
    for version in retired:
        drop(conn, version)
    return retired


def drop(conn: Connection[Any], version: Version) -> None:
    """Forget a version and its rows; PostgreSQL refuses for the active one."""
    with conn.transaction():
        for forget in (
            "delete from ops.poison where view = %s and version = %s",
            "delete from ops.held_up where view = %s and version = %s",
            "delete from read.versions where view = %s and version = %s",
        ):
            conn.execute(forget, (version.view, version.version))
        for name in (version.schema_name + numbered.SUFFIX, version.schema_name):
            conn.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name)))


def ensure(conn: Connection[Any], view: View) -> None:
    """A first version for a view that has none, so that there is something to read."""
    found = conn.execute("select from read.active where view = %s", (view.name,)).fetchone()
    if found is not None:  # a row without columns is a false tuple
        for version in versions(conn, view.name):
            # An earlier release may have made none, or others.
            numbered.number_views(conn, view, version.schema_name)
        return
    for leftover in versions(conn, view.name):
        drop(conn, leftover)
    version = create(conn, view)
    finish(conn, view, version)
    activate(conn, view, version.version)


def active(conn: Connection[Any], view: str) -> Version | None:
    """The version of a view that answers."""
    with conn.cursor(row_factory=class_row(Version)) as cursor:
        return cursor.execute(
            "select view, v.version, v.schema_name, v.state, v.position, v.definition"
            "  from read.active join read.versions v using (view, version) where view = %s",
            (view,),
        ).fetchone()


def versions(conn: Connection[Any], view: str) -> list[Version]:
    """All versions of a view, oldest first."""
    with conn.cursor(row_factory=class_row(Version)) as cursor:
        return cursor.execute(
            "select view, version, schema_name, state, position, definition from read.versions"
            " where view = %s order by version",
            (view,),
        ).fetchall()
