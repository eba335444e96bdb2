"""The statements: sums over the quarters of an hour of a range, found by the time alone.

Which bucket a row belongs to is known from where the buckets begin, so the database need not know
the time zone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, LiteralString

from psycopg.sql import SQL, Composed

from read_api.reading import Query
from read_api.stats.business import Business, open_quarters
from read_api.stats.ranges import EPOCH, QUARTER, Range, offsets

# Whether clocks showed business hours: one of the 672 quarters of a week (see business.py).
_OPEN: LiteralString = """
   and (%(open)s::boolean[])[1 + mod(
           672 + floor(extract(epoch from BEGAN) / 900)::bigint
           + (%(ahead)s::integer[])[width_bucket(BEGAN, %(offsets)s::timestamptz[])], 672)]"""

_FILTERS: dict[str, SQL] = {
    "phone_number_id": SQL(" and c.phone_number_id = %(phone_number_id)s"),
    "direction": SQL(" and c.direction = %(direction)s"),
    "failed": SQL(" and c.status = 'failed'"),
    "business": SQL(_OPEN.replace("BEGAN", "c.bucket_at")),
    "business now": SQL(_OPEN.replace("BEGAN", "c.began_at")),
}
_RANGE: LiteralString = "c.bucket_at >= %(from)s and c.bucket_at < %(to)s"
_BUCKET: LiteralString = "width_bucket(c.bucket_at, %(begins)s::timestamptz[]) - 1"

_MESSAGES = SQL(
    "select "
    + _BUCKET
    + """ as bucket, {columns}, sum(c.messages)::bigint as messages
  from message_counts c
 where """
    + _RANGE
    + """{filters}
 group by bucket, {columns}
 order by bucket, {columns}
"""
)

_FAILURES = SQL(
    "select "
    + _BUCKET
    + """ as bucket, c.error_code, min(t.error_title) as error_title,
       sum(c.messages)::bigint as messages
  from message_counts c
  left join error_titles t on t.error_code = c.error_code
 where """
    + _RANGE
    + """{filters}
 group by bucket, c.error_code
 order by bucket, messages desc, c.error_code
"""
)

# Clocks are asked once for each quarter of an hour, whatever was counted in it.
_HOURS = SQL(
    """
select extract(isodow from h.local)::integer as weekday,
       extract(hour from h.local)::integer as hour,
       h.direction, sum(h.messages)::bigint as messages
  from (
    select q.direction, q.messages,
           q.bucket_at at time zone 'UTC'
           + (%(ahead)s::interval[])[width_bucket(q.bucket_at, %(begins)s::timestamptz[])] as local
      from (
        select c.bucket_at, c.direction, sum(c.messages) as messages
          from message_counts c
         where """
    + _RANGE
    + """{filters}
         group by c.bucket_at, c.direction
      ) q
  ) h
 group by weekday, hour, h.direction
"""
)

# The slot that the middle of all answered waits is in, and the one that nine in ten don't pass: for
# each bucket and, where bucket is null, for the range.
# Whoever waits since before `overdue_from` has waited for more than a day; those of the one bucket
# that it lies in are counted one by one.
_WAITS = SQL(
    """
with slots as (
    select """
    + _BUCKET
    + """ as bucket, c.slot, sum(c.waits)::bigint as waits,
           (sum(c.waits) filter (where c.late
                                    or c.slot < 0 and c.bucket_at < %(overdue_bucket)s))::bigint
               as missed
      from wait_counts c
     where """
    + _RANGE
    + """{filters}
     group by grouping sets ((bucket, c.slot), (c.slot))
), ranked as (
    select s.bucket, s.slot, s.waits, s.missed,
           sum(s.waits) filter (where s.slot >= 0) over (partition by s.bucket order by s.slot)
               as upto,
           sum(s.waits) filter (where s.slot >= 0) over (partition by s.bucket) as answered
      from slots s
)
select r.bucket, sum(r.waits)::bigint as waits, coalesce(max(r.answered), 0)::bigint as answered,
       coalesce(sum(r.missed), 0)::bigint as missed,
       min(r.slot) filter (where r.slot >= 0 and r.upto * 2 >= r.answered) as median,
       min(r.slot) filter (where r.slot >= 0 and r.upto * 10 >= r.answered * 9) as p90
  from ranked r
 group by r.bucket
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
        {
            "from": wanted.since,
            "to": wanted.until,
            "phone_number_id": wanted.phone_number_id,
            **values,
        },
    )


def messages(
    wanted: Range,
    begins: Sequence[datetime],
    columns: tuple[LiteralString, ...],
    direction: str | None = None,
) -> Query:
    """Rows of bucket, the columns and messages."""
    values = {"begins": begins, "direction": direction}
    return _query("messages", wanted, values, columns, _only(direction))


def failures(wanted: Range, begins: Sequence[datetime]) -> Query:
    """Rows of bucket, error_code (-1 for none), error_title and messages."""
    return _query("failures", wanted, {"begins": begins}, also=("failed",))


def hours(wanted: Range, direction: str | None) -> Query:
    """Rows of weekday, hour, direction and messages. Raises InvalidParameter."""
    found = offsets(wanted)
    values = {
        "begins": [offset.since for offset in found],
        "ahead": [offset.ahead for offset in found],
        "direction": direction,
    }
    return _query("hours", wanted, values, also=_only(direction))


def waits(
    wanted: Range, begins: Sequence[datetime], now: datetime, business: Business | None = None
) -> list[Query]:
    """Rows of bucket (null for the range), waits, answered, missed, median and p90.

    Then rows of bucket and waits that are missed as well. With `business` only waits that began
    within those hours. Raises InvalidParameter.
    """
    overdue_from = now - DAY
    values = {
        "begins": begins,
        "overdue_from": overdue_from,
        "overdue_bucket": quarter_of(overdue_from),
        **({} if business is None else open_quarters(business, wanted)),
    }
    also = () if business is None else ("business",)
    also_now = () if business is None else ("business now",)
    return [
        _query("waits", wanted, values, also=also),
        _query("overdue", wanted, values, also=also_now),
    ]


def _only(direction: str | None) -> tuple[str, ...]:
    return () if direction is None else ("direction",)


def quarter_of(at: datetime) -> datetime:
    """Where its quarter of an hour begins."""
    return at - (at - EPOCH) % QUARTER
