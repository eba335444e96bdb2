"""How far each version of each view is."""

from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

from events.lag import AGE_OF_NEXT
from events.read import HEAD

STATUS: LiteralString = f"""
select v.view, v.version,
       case when v.paused_at is null then v.state else 'paused' end as state,
       a.version is not null as active, v.position, h.head,
       h.head - v.position as lag_events,
       coalesce({AGE_OF_NEXT}, 0)::float8 as lag_s,
       v.superseded_at, v.definition,
       (select count(*) from ops.poison p
         where p.view = v.view and p.version = v.version and p.skipped_at is null) as poison,
       v.paused_at, v.paused_by
  from read.versions v
  left join read.active a using (view, version)
 cross join ({HEAD}) h(head)
 order by v.view, v.version
"""


class Status(NamedTuple):
    """`lag_s` is the age of the oldest event that the version hasn't applied; `definition` is that
    of the view it was made by; `state` is building, ready or paused; `poison` counts events put
    aside that nobody decided to skip.
    """

    view: str
    version: int
    state: str
    active: bool
    position: int
    head: int
    lag_events: int
    lag_s: float
    superseded_at: datetime | None
    definition: str | None
    poison: int
    paused_at: datetime | None
    paused_by: str | None


def status(conn: Connection[Any]) -> list[Status]:
    """Every version; `conn` may read log and checkpoints, as wharf_project."""
    with conn.cursor(row_factory=class_row(Status)) as cursor:
        return cursor.execute(STATUS).fetchall()
