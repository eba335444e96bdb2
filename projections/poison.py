"""Poison: an event that a view can not apply is put aside for that version, and the view goes on.

Only what is the event's own fault counts. A database that is away, full or out of memory fails for
every event and comes back; statements that are wrong (a missing table) would put all events aside.
Those hold the view up, loudly, until somebody has mended them.
"""

import logging
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

import psycopg
from psycopg import Connection
from psycopg.rows import class_row

from events.envelope import Position
from projections.versions import Version, enter
from projections.view import View

logger = logging.getLogger(__name__)

# More than so many are no bad events but a bad view, which then waits to be mended.
POISON_MAX = 1_000
ERROR_LENGTH_MAX = 2_000

# SQLSTATE classes: cardinality, data, integrity, limits of the program, raised by a function, and a
# version of the event that the upcaster does not know.
_OF_THE_EVENT = ("21", "22", "23", "54", "P0", "WH")

_PUT_ASIDE: LiteralString = """
insert into ops.poison (view, version, position, sqlstate, error)
select %(view)s, %(version)s, %(position)s, %(sqlstate)s, %(error)s
 where (select count(*) from ops.poison where view = %(view)s and version = %(version)s) < %(most)s
"""
_MOVE: LiteralString = """
update read.versions set position = %(position)s where view = %(view)s and version = %(version)s
"""
_POSITIONS: LiteralString = """
select position from ops.poison
 where view = %s and version = %s and (%s or skipped_at is null)
 order by position
"""
_LIST: LiteralString = """
select p.view, p.version, p.position, e.type, e.stream, p.sqlstate, p.error, p.put_at, p.tries,
       p.skipped_at
  from ops.poison p
  left join log.events e using (position)
 order by p.view, p.version, p.position
"""


class Poison(NamedTuple):
    """An event that was put aside; `error` is the last one that applying it gave."""

    view: str
    version: int
    position: Position
    type: str
    stream: str
    sqlstate: str | None
    error: str
    put_at: datetime
    tries: int
    skipped_at: datetime | None


class TooMuchPoison(Exception):
    """A version of a view has put so many events aside that it is the view that is wrong."""


def is_of_the_event(error: Exception) -> bool:
    """Whether applying fails for what the event holds, and will again."""
    if isinstance(error, psycopg.OperationalError):
        return False
    if isinstance(error, psycopg.Error):
        return (error.sqlstate or "").startswith(_OF_THE_EVENT)
    return True


def put_aside(
    conn: Connection[Any], view: View, version: int, position: Position, error: Exception
) -> None:
    """Remember the event and go on behind it, in the caller's transaction.

    Raises TooMuchPoison.
    """
    facts = {
        "view": view.name,
        "version": version,
        "position": position,
        "sqlstate": getattr(error, "sqlstate", None),
        "error": _told(error),
        "most": POISON_MAX,
    }
    if conn.execute(_PUT_ASIDE, facts).rowcount == 0:
        raise TooMuchPoison(
            f"{view.name} version {version} has put {POISON_MAX} events aside and stops"
        ) from error
    conn.execute(_MOVE, facts)
    logger.error(
        "an event is put aside",
        extra={"view": view.name, "version": version, "position": position},
    )


def listed(conn: Connection[Any]) -> list[Poison]:
    """All that was put aside; `conn` acts as wharf_project or wharf_owner, here and below."""
    with conn.cursor(row_factory=class_row(Poison)) as cursor:
        return cursor.execute(_LIST).fetchall()


def positions(
    conn: Connection[Any], view: str, version: int, *, undecided: bool = False
) -> list[Position]:
    """What a version of a view goes without, in order; or what nobody has decided to skip."""
    rows = conn.execute(_POSITIONS, (view, version, not undecided)).fetchall()
    return [Position(position) for (position,) in rows]


def retry(conn: Connection[Any], view: View, version: Version, position: Position) -> str | None:
    """Apply an event that was put aside, late; the error if it fails again.

    What a view makes of events does not depend on their order, so late is as good.
    """
    try:
        with conn.transaction():
            locked = conn.execute(
                "select from read.versions where view = %s and version = %s for update",
                (view.name, version.version),
            ).fetchone()
            gone = conn.execute(
                "delete from ops.poison where view = %s and version = %s and position = %s",
                (view.name, version.version, position),
            )
            if locked is not None and gone.rowcount:
                enter(conn, version.schema_name)
                view.apply(conn, Position(position - 1), position)
    except Exception as error:
        if not is_of_the_event(error):
            raise
        conn.execute(
            "update ops.poison set tries = tries + 1, error = %s, sqlstate = %s"
            " where view = %s and version = %s and position = %s",
            (
                _told(error),
                getattr(error, "sqlstate", None),
                view.name,
                version.version,
                position,
            ),
        )
        return str(error)
    return None


def skip(conn: Connection[Any], view: str, version: int, position: Position) -> bool:
    """Go without the event for good; False if it was not put aside."""
    return bool(
        conn.execute(
            "update ops.poison set skipped_at = coalesce(skipped_at, now())"
            " where view = %s and version = %s and position = %s",
            (view, version, position),
        ).rowcount
    )


def _told(error: Exception) -> str:
    text = f"{type(error).__name__}: {error}".replace("\0", "")
    return text[:ERROR_LENGTH_MAX]
