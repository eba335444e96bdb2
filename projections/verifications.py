"""Verifications: how the last comparison of each view with the log came out, and who is at one."""

from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.types.json import Jsonb
from typing_extensions import TypedDict

from events.envelope import Position

_KEEP: LiteralString = """
insert into ops.verifications (view, version, position, began_at, differences, tables)
values (%(view)s, %(version)s, %(position)s, %(began_at)s, %(differences)s, %(tables)s)
on conflict (view) do update
   set version = excluded.version, position = excluded.position, began_at = excluded.began_at,
       ended_at = clock_timestamp(), differences = excluded.differences, tables = excluded.tables
"""


class TableDifferences(TypedDict):
    """How many rows of a table differ; those that one side has not; the others by column."""

    rows: int
    missing_live: int
    missing_replay: int
    columns: dict[str, int]


Tables = dict[str, TableDifferences]


def keep(
    conn: Connection[Any],
    view: str,
    version: int,
    position: Position,
    began_at: datetime,
    tables: Tables,
) -> None:
    """In place of the one before; `conn` acts as wharf_owner."""
    conn.execute(
        _KEEP,
        {
            "view": view,
            "version": version,
            "position": position,
            "began_at": began_at,
            "differences": sum(each["rows"] for each in tables.values()),
            "tables": Jsonb(tables),
        },
    )


def begin(conn: Connection[Any], view: str) -> datetime:
    """Until the connection ends, others can see that the view is compared; answers the time."""
    row = conn.execute(
        "select clock_timestamp(),"
        " pg_advisory_lock_shared(hashtextextended('wharf verify ' || %s, 0))",
        (view,),
    ).fetchone()
    assert row is not None  # without a table there is one row
    began_at: datetime = row[0]
    return began_at
