"""A stretch of days that statistics are asked for: what stands in the address, and its buckets."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from read_api.errors import InvalidParameter
from read_api.models.stats import BucketWidth

DAYS_DEFAULT = 30
# One day more than a year has no meaning; a link to all of it does.
PRESETS = ((1, "Today"), (7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "12 months"))
WIDTHS: dict[BucketWidth, tuple[str, float]] = {
    "hour": ("Hour", 1 / 24),
    "day": ("Day", 1),
    "week": ("Week", 7),
    "month": ("Month", 30.5),
}
# So many columns can be told apart, and a table of more nobody reads.
BUCKETS_MAX = 120


class Stretch(NamedTuple):
    """Whole days, both ends included. `days` is what was asked for, if not two days were."""

    first: date
    last: date
    days: int | None
    width: BucketWidth

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1


def stretch(asked: Mapping[str, str], today: date) -> Stretch:
    """From `days`, or `from` and `through`; `by` says how wide a bucket is.

    Buckets that would be too many are made wider. Raises InvalidParameter.
    """
    days = None
    last = _date("through", asked["through"]) if "through" in asked else today
    if "from" in asked:
        first = _date("from", asked["from"])
    else:
        days = _days(asked.get("days", str(DAYS_DEFAULT)))
        first = _before(last, days - 1)
        days = None if "through" in asked else days
    if first > last:
        raise InvalidParameter("from", "is after the last day")
    return Stretch(first, last, days, _width(asked.get("by"), (last - first).days + 1))


def _width(wanted: str | None, days: int) -> BucketWidth:
    if wanted is not None and wanted not in WIDTHS:
        raise InvalidParameter("by", f"has to be one of {', '.join(WIDTHS)}")
    fitting: list[BucketWidth] = [
        name for name, (_, length) in WIDTHS.items() if days / length <= BUCKETS_MAX
    ]
    # Two days are looked at by the hour, a quarter of a year by the day.
    usual = "hour" if days <= 2 else "day" if days <= 93 else "week"
    for name in fitting:
        if name == (wanted or usual):
            return name
    return fitting[0]


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidParameter(name, "has to be a day, as 2026-11-22") from None


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:5]) <= 3_660):
        raise InvalidParameter("days", "has to be a number of days, 3660 at most")
    return int(text)


def _before(day: date, days: int) -> date:
    try:
        return day - timedelta(days=days)
    except OverflowError:
        raise InvalidParameter("through", "is out of range") from None


def bucket_name(local_from: str, width: BucketWidth, today: date) -> str:
    """What a bucket is called, from its beginning as clocks there show it."""
    at = datetime.fromisoformat(local_from)
    if width == "month":
        return f"{at:%b %Y}"
    day = f"{at.day} {at:%b}" if at.year == today.year else f"{at.day} {at:%b %Y}"
    return f"{day}, {at:%H:%M}" if width == "hour" else day
