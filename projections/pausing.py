"""Pausing: a view that projectors leave alone until somebody lets it go on."""

from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection

# What a rebuild is filling is not held: it would wait for ever. Waits for the step under way, and
# whoever waits for these rows meanwhile finds them paused.
_PAUSE: LiteralString = """
update read.versions v
   set paused_at = coalesce(v.paused_at, now()), paused_by = coalesce(v.paused_by, %(who)s)
 where v.view = %(view)s
   and (v.superseded_at is not null
        or exists (select from read.active a where a.view = v.view and a.version = v.version))
"""
_RESUME: LiteralString = """
update read.versions set paused_at = null, paused_by = null
 where view = %(view)s and paused_at is not null
"""
_STATE: LiteralString = """
select v.position, v.paused_at, v.paused_by
  from read.versions v join read.active a using (view, version)
 where v.view = %(view)s
"""


class Paused(NamedTuple):
    """How far the version is that answers, and since when and by whom it is paused, if it is."""

    position: int
    paused_at: datetime | None
    paused_by: str | None


def pause(conn: Connection[Any], view: str, who: str) -> Paused | None:
    """Hold a view where it is, whatever is restarted; a rebuild makes a version that is not held.

    Returns when nothing is being applied any more; None for a view without any version. Paused
    already, it keeps who did it. `conn` acts as wharf_owner, here and below.
    """
    conn.execute(_PAUSE, {"view": view, "who": who})
    return _state(conn, view)


def resume(conn: Connection[Any], view: str) -> Paused | None:
    """Let projectors go on with it from where it is."""
    conn.execute(_RESUME, {"view": view})
    return _state(conn, view)


def _state(conn: Connection[Any], view: str) -> Paused | None:
    row = conn.execute(_STATE, {"view": view}).fetchone()
    return None if row is None else Paused(*row)
