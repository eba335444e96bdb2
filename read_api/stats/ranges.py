"""Ranges: which times are asked about, and the buckets that a time zone cuts them into."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from read_api import parameters
from read_api.errors import InvalidParameter
from read_api.models.stats import BucketWidth, Span
from read_api.parser import Parser

QUARTER = timedelta(minutes=15)
DAYS_DEFAULT = 30
DAYS_MAX = 3_660
BUCKETS_MAX = 5_000
WIDTHS: tuple[BucketWidth, ...] = ("15min", "hour", "day", "week", "month")
NO_QUARTERS = "its hours began at no full quarter of an hour then"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HALF = "{} A full quarter of an hour, or a date, which begins in `tz`."

ASKED: dict[str, Parser] = {
    "from": parameters.moment.about(
        _HALF.format(f"Where the range begins; {DAYS_DEFAULT} days before its end if not given.")
    ),
    "to": parameters.moment.about(
        _HALF.format("Where the range ends, not within it; the end of today if not given.")
    ),
    "tz": parameters.zone.about("The zone of dates and buckets; UTC if not given."),
    "phone_number_id": parameters.phone_number_id,
    **parameters.FRESHNESS,
}
BUCKET: dict[str, Parser] = {
    "bucket": parameters.one_of(*WIDTHS).about("How wide a bucket is; day if not given.")
}
DIRECTION: dict[str, Parser] = {"direction": parameters.one_of("in", "out")}


class Range(NamedTuple):
    """From `since` until `until` (UTC, full quarters of an hour), in a zone, on a number or all."""

    since: datetime
    until: datetime
    tz: ZoneInfo
    phone_number_id: str | None


def asked(values: dict[str, Any], now: datetime) -> Range:
    """The range that the parameters ask for. Raises InvalidParameter."""
    tz: ZoneInfo = values.get("tz") or ZoneInfo("UTC")
    given = dict(values)
    try:
        given.setdefault("to", now.astimezone(tz).date() + timedelta(days=1))
        given.setdefault("from", _day(given["to"], tz) - timedelta(days=DAYS_DEFAULT))
    except OverflowError:
        raise InvalidParameter("to", "is out of range") from None
    parameters.half_open(given, "from", "to")
    for name in ("from", "to"):
        if (given[name] - EPOCH) % QUARTER:
            raise InvalidParameter(name, "has to be a full quarter of an hour")
        try:
            given[name].astimezone(tz)
        except OverflowError:
            raise InvalidParameter(name, "is out of range") from None
    of = Range(given["from"], given["to"], tz, values.get("phone_number_id"))
    if of.until - of.since > timedelta(days=DAYS_MAX):
        name = "from" if "from" in values else "to"
        raise InvalidParameter(name, f"the range has more than {DAYS_MAX} days")
    return of


def _day(at: date, tz: ZoneInfo) -> date:
    return at.astimezone(tz).date() if isinstance(at, datetime) else at


def buckets(of: Range, width: BucketWidth) -> list[datetime]:
    """Where each bucket begins, the first one at the beginning of the range.

    Raises InvalidParameter for more than BUCKETS_MAX.
    """
    found = [of.since]
    for begin in _beginnings(of, width):
        if begin <= found[-1]:
            # The range begins there, or the zone has left out a day.
            continue
        if begin >= of.until:
            break
        if (begin - EPOCH) % QUARTER:
            raise InvalidParameter("tz", NO_QUARTERS)
        if len(found) == BUCKETS_MAX:
            raise InvalidParameter(
                "bucket", f"the range has more than {BUCKETS_MAX}: ask for wider ones, or for less"
            )
        found.append(begin)
    return found


def _beginnings(of: Range, width: BucketWidth) -> Iterator[datetime]:
    """Where full buckets of the zone begin, at or after the range's beginning; without end."""
    try:
        if width in ("15min", "hour"):
            yield from _hours(of, QUARTER if width == "15min" else timedelta(hours=1))
        else:
            yield from _days(of, width)
    except OverflowError:
        # Where time ends, so does the range.
        return


def _hours(of: Range, width: timedelta) -> Iterator[datetime]:
    """Counted on from one to the next, so that all hours of a changing clock are there."""
    begin = of.since
    while True:
        local = begin.astimezone(of.tz)
        into = timedelta(minutes=local.minute, seconds=local.second)
        begin += width - into % width
        yield begin


def _days(of: Range, width: BucketWidth) -> Iterator[datetime]:
    """Midnights; where a clock leaves midnight out, the moment in which it does."""
    day = of.since.astimezone(of.tz).date()
    if width == "week":
        day -= timedelta(days=day.weekday())
    elif width == "month":
        day = day.replace(day=1)
    while True:
        yield datetime.combine(day, time(), of.tz).astimezone(UTC)
        day = _next(day, width)


def _next(day: date, width: BucketWidth) -> date:
    if width == "month":
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 if width == "week" else 1)


def spans(of: Range, begins: list[datetime]) -> list[Span]:
    """What each bucket says of itself."""
    return [span(begin, end, of.tz) for begin, end in pairwise([*begins, of.until])]


def span(begin: datetime, end: datetime, tz: ZoneInfo) -> Span:
    local = begin.astimezone(tz).isoformat(timespec="minutes")
    return {"from": utc(begin), "to": utc(end), "local_from": local}


def utc(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


class Offset(NamedTuple):
    """What the zone's clocks are ahead of UTC from a moment on."""

    since: datetime
    ahead: timedelta


def offsets(of: Range) -> list[Offset]:
    """The zone's offsets within the range, in order.

    Raises InvalidParameter for zones of old whose hours begin at no full quarter of an hour.
    """
    found = [Offset(of.since, _ahead(of.since, of.tz))]
    day = of.since
    while day < of.until:
        next_day = day + min(timedelta(days=1), of.until - day)
        if _ahead(next_day, of.tz) != found[-1].ahead:
            found.append(_change(day, next_day, of.tz))
        day = next_day
    if any(offset.ahead % QUARTER for offset in found):
        raise InvalidParameter("tz", NO_QUARTERS)
    return found


def _change(before: datetime, after: datetime, tz: ZoneInfo) -> Offset:
    """Where between the two, on which clocks differ, the later one's time begins."""
    quarters = (after - before) // QUARTER
    least, most = 0, quarters
    while most - least > 1:
        middle = (least + most) // 2
        if _ahead(before + middle * QUARTER, tz) == _ahead(before, tz):
            least = middle
        else:
            most = middle
    return Offset(before + most * QUARTER, _ahead(after, tz))


def _ahead(at: datetime, tz: ZoneInfo) -> timedelta:
    offset = at.astimezone(tz).utcoffset()
    assert offset is not None  # a time with a zone has one
    return offset
