"""Lag: how far readers of the log are behind its head."""

from collections.abc import Sequence
from typing import LiteralString, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from events.read import HEAD

# Of `v.position`: the age of the event after it, null where there is none.
AGE_OF_NEXT: LiteralString = """
extract(epoch from clock_timestamp() - (
    select e.recorded_at from log.events e where e.position = v.position + 1))
"""

# Their events come later than their positions were read, so that nobody is ahead of the head.
LAGS: LiteralString = f"""
select h.head, greatest(h.head - v.position, 0) as events,
       greatest({AGE_OF_NEXT}, 0)::float8 as seconds
  from unnest(%(positions)s::bigint[]) with ordinality as v(position, n)
 cross join ({HEAD}) h(head)
 order by v.n
"""


class Lag(NamedTuple):
    """The log's head, how many events a reader has not applied, and the age of the oldest."""

    head: int
    events: int
    seconds: float


async def read_lags(conn: AsyncConnection[TupleRow], positions: Sequence[int]) -> list[Lag]:
    """The lag of a reader at each of these positions, in their order."""
    async with conn.cursor(row_factory=class_row(Lag), binary=True) as cursor:
        await cursor.execute(LAGS, {"positions": list(positions)})
        return await cursor.fetchall()
