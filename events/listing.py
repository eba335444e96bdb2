"""Listing: the log from its newest event back, by type or stream, and one event with its kin."""

import time
from typing import LiteralString, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import DictRow, TupleRow, dict_row
from psycopg.sql import SQL, Composed

# No index has the types, so a rare one is looked for through stretches of the log.
STRETCH = 50_000
LOOKING_S_MAX = 1.5

_LIST = SQL("""
select e.position, e.type, e.version, e.stream, e.occurred_at, e.recorded_at, e.delivery_id,
       e.pointer, e.actor, e.causation, own.dedupe as event_id,
       (select k.name from ops.api_keys k
         where e.actor like 'key:%%' and k.id = substr(e.actor, 5)) as key_name,
       e.data - array['raw', 'streams', 'other_streams'] as data
  from (
    select i.position
      from log.events i
     where i.position >= %(from)s and i.position < %(before)s {filters}
     order by i.position desc
     limit %(rows)s) page
  join log.current e on e.position = page.position
  join log.events own on own.position = page.position
 order by e.position desc
""")
_BY_TYPE = SQL("and i.type = %(type)s")
_BY_STREAM = SQL("and i.stream = %(stream)s")

KIN: LiteralString = """
select e.position, e.type, e.position = %(causation)s as cause
  from log.events e
 where e.position = %(causation)s or e.causation = %(position)s
 order by e.position
 limit 101
"""


class Listed(NamedTuple):
    """Events, the newest first, and where to go on: None when there are no older ones."""

    events: list[DictRow]
    next_before: int | None


class Kin(NamedTuple):
    """An event's neighbours: the type of its cause, and what it caused as (position, type)."""

    cause_type: str | None
    caused: list[tuple[int, str]]


def statement(*, by_type: bool, by_stream: bool) -> Composed:
    chosen = [each for each, wanted in ((_BY_TYPE, by_type), (_BY_STREAM, by_stream)) if wanted]
    return _LIST.format(filters=SQL(" ").join(chosen))


async def list_events(
    conn: AsyncConnection[TupleRow],
    before: int,
    *,
    type_: str | None,
    stream: str | None,
    limit: int,
) -> Listed:
    """At most `limit` events in front of a position; fewer also where looking on took too long."""
    query = statement(by_type=type_ is not None, by_stream=stream is not None)
    deadline = time.monotonic() + LOOKING_S_MAX
    found: list[DictRow] = []
    while before > 1:
        first = 1 if type_ is None or stream is not None else max(before - STRETCH, 1)
        values = {
            "from": first,
            "before": before,
            "type": type_,
            "stream": stream,
            "rows": limit + 1 - len(found),
        }
        async with conn.cursor(row_factory=dict_row, binary=True) as cursor:
            found += await (await cursor.execute(query, values)).fetchall()
        if len(found) > limit:
            return Listed(found[:limit], found[limit]["position"] + 1)
        before = first
        if time.monotonic() > deadline:
            break
    return Listed(found, before if before > 1 else None)


async def read_event(conn: AsyncConnection[TupleRow], position: int) -> DictRow | None:
    """The event at a position, as it is listed."""
    found = await list_events(conn, position + 1, type_=None, stream=None, limit=1)
    row = next(iter(found.events), None)
    return row if row is not None and row["position"] == position else None


async def kin_of(conn: AsyncConnection[TupleRow], position: int, causation: int | None) -> Kin:
    """What caused the event, and what it has caused, 100 at most."""
    cursor = await conn.execute(KIN, {"position": position, "causation": causation})
    rows = await cursor.fetchall()
    caused = [(row[0], row[1]) for row in rows if not row[2]]
    return Kin(next((row[1] for row in rows if row[2]), None), caused[:100])
