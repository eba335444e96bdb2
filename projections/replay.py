"""Replay: a view's tables as of a position, in a schema of their own that answers nobody."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from psycopg import Connection, sql

from events.database import connect
from events.envelope import Position
from projections import projector, versions
from projections.view import View

_MARK = "a view as of position "


class Past(NamedTuple):
    """A view as it was at a position, in a schema to be looked at."""

    schema_name: str
    view: str
    position: Position


class SchemaTaken(Exception):
    """The schema is there already, or its name is not one that a past may have."""


def replay(
    conn: Connection[Any],
    view: View,
    schema_name: str,
    to: Position,
    without: Sequence[Position] = (),
) -> None:
    """Make the view's tables in a new schema and apply the log up to `to`.

    `without` are positions that are left out, in order. `conn` acts as wharf_owner and is prepared
    as a projector is.
    """
    with conn.transaction():
        versions.make_schema(conn, view, schema_name)
    for after, until in _ranges(to, without):
        with conn.transaction():
            versions.enter(conn, schema_name)
            view.apply(conn, after, until)


def _ranges(to: Position, without: Sequence[Position]) -> Iterator[tuple[Position, Position]]:
    position = Position(0)
    for stop in [*(each for each in without if each <= to), Position(to + 1)]:
        while position < stop - 1:
            until = Position(min(position + projector.STEP_EVENTS, stop - 1))
            yield position, until
            position = until
        position = stop


def build_past(url: str, view: View, to: Position, schema_name: str) -> Past:
    """The view as of a position, with its indexes, in a schema of that name.

    An interrupted one leaves nothing behind. Raises SchemaTaken.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", schema_name) or schema_name.startswith("pg_"):
        raise SchemaTaken(f"{schema_name!r} is no name for a schema: a-z, 0-9 and _ are")
    with connect(url, "wharf_owner") as conn:
        if conn.execute("select to_regnamespace(%s)", (schema_name,)).fetchone() != (None,):
            raise SchemaTaken(f"there is a schema {schema_name} already")
        projector.prepare(conn)
        try:
            replay(conn, view, schema_name, to)
            with conn.transaction():
                versions.enter(conn, schema_name)
                conn.execute(view.indexes)
                _mark(conn, schema_name, f"{view.name}: {_MARK}{to}")
        except BaseException:
            conn.execute(
                sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema_name))
            )
            raise
    return Past(schema_name, view.name, to)


def pasts(conn: Connection[Any]) -> list[Past]:
    """Those that were built and not dropped yet."""
    rows = conn.execute(
        "select n.nspname, d.description from pg_namespace n"
        "  join pg_description d on d.objoid = n.oid and d.classoid = 'pg_namespace'::regclass"
        " where d.description like %s order by 1",
        (f"%: {_MARK}%",),
    ).fetchall()
    found = []
    for schema_name, description in rows:
        view, _, position = description.partition(f": {_MARK}")
        found.append(Past(schema_name, view, Position(int(position))))
    return found


def drop_past(conn: Connection[Any], schema_name: str) -> bool:
    """Drop one; False if there is none of that name."""
    if schema_name not in [each.schema_name for each in pasts(conn)]:
        return False
    conn.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema_name)))
    return True


def _mark(conn: Connection[Any], schema_name: str, text: str) -> None:
    conn.execute(
        sql.SQL("comment on schema {} is {}").format(sql.Identifier(schema_name), sql.Literal(text))
    )
