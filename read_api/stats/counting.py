"""The statements: sums over the counts of a range, found by their widths and times alone.

Which bucket a row belongs to is known from the pieces that a range was cut into (see pieces.py), so
the database need not know the time zone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, LiteralString

from psycopg.sql import SQL, Composed

from read_api.reading import Query
from read_api.stats.business import Business, open_spans
from read_api.stats.pieces import HOUR, cut_at, pieces, quarter, stretches, within
from read_api.stats.ranges import EPOCH, QUARTER, Offset, Range, offsets

_FILTERS: dict[str, SQL] = {
    "phone_number_id": SQL(" and c.phone_number_id = %(phone_number_id)s"),
    "direction": SQL(" and c.direction = %(direction)s"),
    "failed": SQL(" and c.status = 'failed'"),
    "open": SQL(" and %(open)s"),
}
_PIECES: LiteralString = """(
    select q.width, to_timestamp(q.since) as since, to_timestamp(q.until) as until, q.bucket
      from unnest(%(widths)s::smallint[], %(sinces)s::float8[], %(untils)s::float8[],
                  %(buckets)s::integer[]) as q(width, since, until, bucket)
  ) p"""
# What is summed up is looked up by index for each piece by itself.
_OF_PIECE: LiteralString = (
    "c.width = p.width and c.bucket_at >= p.since and c.bucket_at < p.until{filters}"
)

_MESSAGES = SQL(
    """
select p.bucket, {columns}, sum(c.messages)::bigint as messages
  from """
    + _PIECES
    + """
 cross join lateral (
       select {columns}, sum(c.messages) as messages
         from message_counts c
        where """
    + _OF_PIECE
    + """
        group by {columns}) c
 group by p.bucket, {columns}
 order by p.bucket, {columns}
"""
)

_FAILURES = SQL(
    """
select p.bucket, c.error_code, min(t.error_title) as error_title,
       sum(c.messages)::bigint as messages
  from """
    + _PIECES
    + """
 cross join lateral (
       select c.error_code, sum(c.messages) as messages
         from message_counts c
        where """
    + _OF_PIECE
    + """
        group by c.error_code) c
  left join error_titles t on t.error_code = c.error_code
 group by p.bucket, c.error_code
 order by p.bucket, messages desc, c.error_code
"""
)

# Clocks are asked once for each hour or quarter of one, whatever was counted in it.
_HOURS = SQL(
    """
select extract(isodow from h.local)::integer as weekday,
       extract(hour from h.local)::integer as hour,
       h.direction, sum(h.messages)::bigint as messages
  from (
    select c.direction, c.messages,
           c.bucket_at at time zone 'UTC'
           + (%(ahead)s::interval[])[width_bucket(c.bucket_at, %(begins)s::timestamptz[])] as local
      from """
    + _PIECES
    + """
     cross join lateral (
           select c.bucket_at, c.direction, sum(c.messages) as messages
             from message_counts c
            where """
    + _OF_PIECE
    + """
            group by c.bucket_at, c.direction) c
  ) h
 group by weekday, hour, h.direction
"""
)

# How many waits are in which slots. Percentiles are found in Python, which is three times as quick
# with a few thousand numbers as window functions are.
# Whoever waits since before `overdue_from` has waited for more than a day; those of the one quarter
# of an hour that it lies in are counted one by one.
_WAITS = SQL(
    """
select n.bucket, array_agg(n.slot) as slots, array_agg(n.waits) as waits,
       coalesce(sum(n.missed), 0)::bigint as missed
  from (
    select p.bucket, c.slot, sum(c.waits)::bigint as waits,
           sum(c.waits) filter (where c.late or c.slot < 0 and p.until <= %(overdue_bucket)s)
               as missed
      from """
    + _PIECES
    + """
     cross join lateral (
           select c.slot, c.late, c.waits
             from wait_counts c
            where """
    + _OF_PIECE
    + """
           offset 0) c
     group by p.bucket, c.slot
  ) n
 group by n.bucket
"""
)

_OVERDUE = SQL(
    """
select width_bucket(c.began_at, %(begins)s::timestamptz[]) - 1 as bucket, count(*) as waits
  from counted_waits c
 where c.answered_at is null
   and c.began_at >= greatest(%(overdue_bucket)s, %(from)s)
   and c.began_at < least(%(overdue_from)s, %(to)s){filters}
 group by bucket
"""
)

_STATEMENTS: dict[str, SQL] = {
    "messages": _MESSAGES,
    "failures": _FAILURES,
    "hours": _HOURS,
    "waits": _WAITS,
    "overdue": _OVERDUE,
}

DAY = timedelta(hours=24)


@lru_cache(maxsize=64)
def _statement(name: str, filters: tuple[str, ...], columns: tuple[LiteralString, ...]) -> Composed:
    return _STATEMENTS[name].format(
        filters=SQL("").join(_FILTERS[name] for name in filters),
        columns=SQL(", ").join(SQL(column) for column in columns),
    )


def _query(
    name: str,
    wanted: Range,
    values: Mapping[str, Any],
    columns: tuple[LiteralString, ...] = (),
    also: tuple[str, ...] = (),
) -> Query:
    """`also` names filters beside that of the number."""
    number = () if wanted.phone_number_id is None else ("phone_number_id",)
    return Query(
        _statement(name, (*number, *also), columns),
        {"phone_number_id": wanted.phone_number_id, **values},
    )


def messages(
    wanted: Range,
    begins: Sequence[datetime],
    columns: tuple[LiteralString, ...],
    direction: str | None = None,
) -> Query:
    """Rows of bucket, the columns and messages."""
    values = {**pieces(stretches(begins, wanted.until)), "direction": direction}
    return _query("messages", wanted, values, columns, _only(direction))


def failures(wanted: Range, begins: Sequence[datetime]) -> Query:
    """Rows of bucket, error_code (-1 for none), error_title and messages."""
    return _query("failures", wanted, pieces(stretches(begins, wanted.until)), also=("failed",))


def hours(wanted: Range, direction: str | None) -> Query:
    """Rows of weekday, hour, direction and messages. Raises InvalidParameter."""
    found = offsets(wanted)
    values = {
        **pieces(stretches([wanted.since], wanted.until), _widest(found)),
        "begins": [offset.since for offset in found],
        "ahead": [offset.ahead for offset in found],
        "direction": direction,
    }
    return _query("hours", wanted, values, also=_only(direction))


def _widest(found: Sequence[Offset]) -> int:
    """Rows that are within one hour of the zone's clocks."""
    whole = all(each.ahead % (HOUR * QUARTER) == timedelta() for each in found)
    # The first begins where the range does.
    return HOUR if whole and all(quarter(each.since) % HOUR == 0 for each in found[1:]) else 1


def waits(
    wanted: Range, begins: Sequence[datetime], now: datetime, business: Business | None = None
) -> list[Query]:
    """Rows of bucket, slots with how many waits each has, and how many of all are missed.

    Then rows of bucket and waits that are missed as well. With `business` only waits that began
    within those hours. Raises InvalidParameter.
    """
    overdue_from = now - DAY
    overdue = quarter(overdue_from)
    parts = stretches(begins, wanted.until)
    values = {
        "from": wanted.since,
        "to": wanted.until,
        "begins": begins,
        "overdue_from": overdue_from,
        "overdue_bucket": quarter_of(overdue_from),
    }
    if business is None:
        also_now: tuple[str, ...] = ()
    else:
        spans = open_spans(business, wanted)
        parts = within(parts, spans)
        # All of the quarter of an hour that is looked at is, or none.
        values["open"] = any(since <= overdue < until for since, until in spans)
        also_now = ("open",)
    return [
        _query("waits", wanted, {**values, **pieces(cut_at(parts, overdue))}),
        _query("overdue", wanted, values, also=also_now),
    ]


def _only(direction: str | None) -> tuple[str, ...]:
    return () if direction is None else ("direction",)


def quarter_of(at: datetime) -> datetime:
    """Where its quarter of an hour begins."""
    return at - (at - EPOCH) % QUARTER
