"""Read and follow: events by position, oldest first."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, LiteralString

from psycopg import AsyncConnection, Connection
from psycopg.rows import TupleRow

from events.envelope import Position, RecordedEvent

# To stand in other statements too: (HEAD) is one row of one column.
HEAD: LiteralString = "select coalesce(max(position), 0) from log.events"

# Positions are dense and in the order of record, so halving finds it; there is no index by time.
_POSITION_AT: LiteralString = f"""
with recursive search (low, high) as (
    select 0::bigint, ({HEAD})
    union all
    select case when e.recorded_at <= %(at)s then e.position else s.low end,
           case when e.recorded_at <= %(at)s then s.high else e.position - 1 end
      from search s
      join log.events e on e.position = (s.low + s.high + 1) / 2
     where s.low < s.high
)
select low from search where low = high
"""

AFTER: LiteralString = """
select position, stream, type, version, data, occurred_at, recorded_at,
       delivery_id, pointer, actor, causation
  from log.current
 where position > %s
 order by position
 limit %s
"""


def head_of(conn: Connection[Any]) -> Position:
    """The position of the newest event, 0 in an empty log."""
    row = conn.execute(HEAD).fetchone()
    assert row is not None  # an aggregate always answers one row
    return Position(row[0])


def position_at(conn: Connection[Any], moment: datetime) -> Position:
    """The last position that was recorded by then; 0 before the first."""
    row = conn.execute(_POSITION_AT, {"at": moment}).fetchone()
    assert row is not None  # the search always ends
    return Position(row[0])


async def head(conn: AsyncConnection[TupleRow]) -> Position:
    """As `head_of`, for an event loop."""
    row = await (await conn.execute(HEAD)).fetchone()
    assert row is not None  # an aggregate always answers one row
    return Position(row[0])


async def read_after(
    conn: AsyncConnection[TupleRow], position: Position, limit: int
) -> list[RecordedEvent]:
    """Events that follow `position`, oldest first, at most `limit`.

    Positions are dense and in commit order, so every event with a smaller position than the
    last one returned is in this answer or before it: the caller may store that position.
    """
    cursor = await conn.execute(AFTER, (position, limit), binary=True)
    return [RecordedEvent(*row) for row in await cursor.fetchall()]


async def follow(
    conn: AsyncConnection[TupleRow], position: Position, *, limit: int = 1_000, pause_s: float = 0.1
) -> AsyncIterator[RecordedEvent]:
    """Every event after `position`, for ever; looks again after `pause_s` when there is none."""
    while True:
        events = await read_after(conn, position, limit)
        for event in events:
            yield event
            position = event.position
        if not events:
            await asyncio.sleep(pause_s)
