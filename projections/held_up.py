"""Held up: a version of a view that can't go on for what is no event's fault, and says why."""

from typing import Any, LiteralString

from psycopg import Connection

from projections.poison import ERROR_LENGTH_MAX

# Since when it stands there, not since it was last tried. What has moved on is held up no more,
# so nobody has to say that it is over.
_NOTE: LiteralString = """
insert into ops.held_up (view, version, position, error)
select v.view, v.version, v.position, %(error)s
  from read.versions v
 where v.view = %(view)s and v.version = %(version)s
on conflict (view, version) do update
   set since = case when held_up.position = excluded.position then held_up.since else now() end,
       position = excluded.position, error = excluded.error
"""


def note(conn: Connection[Any], view: str, version: int, error: Exception) -> None:
    """Write down what holds the version up where it is now; `conn` acts as wharf_project."""
    text = f"{type(error).__name__}: {error}".replace("\0", "")[:ERROR_LENGTH_MAX]
    conn.execute(_NOTE, {"view": view, "version": version, "error": text})
