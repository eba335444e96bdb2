"""Overview: all that is known of the versions of the views, for who looks after them."""

from datetime import datetime
from typing import LiteralString, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from events.lag import AGE_OF_NEXT
from events.read import HEAD
from projections.verifications import Tables

# A rebuild and a verification hold a lock for as long as they go on (pg_locks shows both halves
# of its key), so what a killed one has left behind is not taken for one.
OVERVIEW: LiteralString = f"""
with held as (
    select (l.classid::bigint << 32) | l.objid::bigint as key
      from pg_locks l
     where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
       and l.database = (select d.oid from pg_database d where d.datname = current_database())
)
select v.view, v.version, v.state, a.version is not null as active, v.position, h.head,
       greatest(h.head - v.position, 0) as lag_events,
       greatest({AGE_OF_NEXT}, 0)::float8 as lag_s,
       v.superseded_at, v.definition, v.builder, v.began_at,
       extract(epoch from clock_timestamp() - v.began_at)::float8 as building_s,
       v.position - v.began_position as built_events,
       v.superseded_at is null and a.version is null
           and v.version = max(v.version) over (partition by v.view)
           and exists (select from held where key = hashtextextended('wharf rebuild ' || v.view, 0))
           as rebuilding,
       exists (select from held where key = hashtextextended('wharf verify ' || v.view, 0))
           as verifying,
       coalesce(p.waiting, 0) as poison, coalesce(p.skipped, 0) as skipped,
       k.error, k.since as held_up_since, v.paused_at, v.paused_by
  from read.versions v
  left join read.active a using (view, version)
 cross join ({HEAD}) h(head)
  left join (
       select view, version, count(*) filter (where skipped_at is null) as waiting,
              count(*) filter (where skipped_at is not null) as skipped
         from ops.poison
        group by view, version) p using (view, version)
  left join ops.held_up k
    on k.view = v.view and k.version = v.version and k.position = v.position
   and v.position < h.head
 order by v.view, v.version
"""

VERIFIED: LiteralString = """
select view, version, position, began_at, ended_at, differences, tables
  from ops.verifications
 order by view
"""

POISON: LiteralString = """
select p.view, p.version, p.position, e.type, e.stream, p.sqlstate, p.error, p.put_at, p.tries,
       p.skipped_at
  from ops.poison p
  left join log.events e using (position)
 where p.view = %(view)s
 order by p.skipped_at is not null, p.version desc, p.position
 limit %(rows)s
"""


class VersionState(NamedTuple):
    """A version. `lag_s` is the age of the oldest event that it has not applied; `building_s` and
    `built_events` are since the process that builds it began; `error` is what holds it up.
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
    builder: str | None
    began_at: datetime | None
    building_s: float | None
    built_events: int | None
    rebuilding: bool
    verifying: bool
    poison: int
    skipped: int
    error: str | None
    held_up_since: datetime | None
    paused_at: datetime | None
    paused_by: str | None


class Verification(NamedTuple):
    """How the last comparison with a replay came out; `differences` counts rows."""

    view: str
    version: int
    position: int
    began_at: datetime
    ended_at: datetime
    differences: int
    tables: Tables


class PutAside(NamedTuple):
    """An event that a version goes without. `type` and `stream` are those of the event."""

    view: str
    version: int
    position: int
    type: str | None
    stream: str | None
    sqlstate: str | None
    error: str
    put_at: datetime
    tries: int
    skipped_at: datetime | None


class Overview(NamedTuple):
    versions: list[VersionState]
    verifications: list[Verification]


async def overview(conn: AsyncConnection[TupleRow]) -> Overview:
    """Every version of every view; `conn` acts as wharf_project, here and below."""
    async with conn.cursor(row_factory=class_row(VersionState), binary=True) as cursor:
        versions = await (await cursor.execute(OVERVIEW)).fetchall()
    async with conn.cursor(row_factory=class_row(Verification), binary=True) as cursor:
        return Overview(versions, await (await cursor.execute(VERIFIED)).fetchall())


async def put_aside(conn: AsyncConnection[TupleRow], view: str, rows: int) -> list[PutAside]:
    """What the versions of a view go without, first what nobody has decided on; at most so many."""
    async with conn.cursor(row_factory=class_row(PutAside), binary=True) as cursor:
        await cursor.execute(POISON, {"view": view, "rows": rows})
        return await cursor.fetchall()
