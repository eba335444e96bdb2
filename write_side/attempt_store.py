"""Where attempts at the webhook are kept: the latest of each kind, and counts by the hour."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import DictRow, TupleRow, dict_row

Kind = Literal["delivery", "handshake"]
KINDS: tuple[Kind, ...] = ("delivery", "handshake")

KEPT_MAX = 1_000
COUNTED_DAYS = 30

INSERT: LiteralString = """
insert into ops.attempts (kind, at, reason, body_bytes, network)
values (%s, %s, %s, %s, %s)
"""

COUNT: LiteralString = """
insert into ops.attempt_counts as c (hour, kind, reason, count)
values (%s, %s, %s, %s)
    on conflict (hour, kind, reason) do update
   set count = c.count + excluded.count
"""

TRIM: LiteralString = """
delete from ops.attempts a
 where a.kind = %(kind)s
   and a.id <= (select b.id
                  from ops.attempts b
                 where b.kind = %(kind)s
                 order by b.id desc
                offset %(kept)s
                 limit 1)
"""

FORGET: LiteralString = """
delete from ops.attempt_counts
 where hour < now() - make_interval(days => %(days)s)
"""

# A thousand rows at most, so sorting them costs nothing.
LATEST: LiteralString = """
select id, at, reason, body_bytes, network
  from ops.attempts
 where kind = %(kind)s
   and (%(at)s::timestamptz is null or (at, id) < (%(at)s, %(id)s))
 order by at desc, id desc
 limit %(rows)s
"""
LATEST_BACKWARDS: LiteralString = """
select id, at, reason, body_bytes, network
  from ops.attempts
 where kind = %(kind)s
   and (at, id) > (%(at)s, %(id)s)
 order by at, id
 limit %(rows)s
"""

COUNTS: LiteralString = """
select reason,
       coalesce(sum(count) filter (where hour >= date_trunc('hour', now())), 0)::bigint
           as this_hour,
       coalesce(sum(count) filter (where hour > now() - interval '1 day'), 0)::bigint
           as last_day,
       sum(count)::bigint as last_30_days
  from ops.attempt_counts
 where kind = %(kind)s and hour >= now() - make_interval(days => %(days)s)
 group by reason
 order by last_30_days desc, reason
"""


async def record(
    conn: AsyncConnection[TupleRow],
    attempts: Iterable[tuple[Kind, datetime, str, int | None, str | None]],
    counts: Mapping[tuple[datetime, Kind, str], int],
) -> None:
    """Write attempts and counts down, and let go of what is beyond the bounds."""
    async with conn.transaction(), conn.cursor() as cursor:
        await cursor.executemany(INSERT, attempts)
        # In one order, so that two web processes don't wait for each other in a circle.
        await cursor.executemany(COUNT, [(*key, count) for key, count in sorted(counts.items())])
        for kind in KINDS:
            await cursor.execute(TRIM, {"kind": kind, "kept": KEPT_MAX})
        await cursor.execute(FORGET, {"days": COUNTED_DAYS})


async def latest(
    conn: AsyncConnection[TupleRow],
    kind: Kind,
    place: tuple[datetime, int] | None,
    *,
    descending: bool,
    rows: int,
) -> list[DictRow]:
    """At most `rows` of the kind, on from `place`; the other way only from a place."""
    at, id_ = place or (None, None)
    values: dict[str, Any] = {"kind": kind, "at": at, "id": id_, "rows": rows}
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(LATEST if descending else LATEST_BACKWARDS, values)
        return await cursor.fetchall()


async def counts_of(conn: AsyncConnection[TupleRow], kind: Kind) -> list[DictRow]:
    """How many attempts of the kind there were, by reason."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(COUNTS, {"kind": kind, "days": COUNTED_DAYS})
        return await cursor.fetchall()
