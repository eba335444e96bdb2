"""Days to choose from: years, then the months of one, then the days of one of those."""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple


class Choice(NamedTuple):
    """A stretch of days, the last one not included, as the API's `from` and `to`."""

    title: str
    start: date
    end: date

    @property
    def query(self) -> dict[str, str]:
        return {"from": self.start.isoformat(), "to": self.end.isoformat()}


class Days(NamedTuple):
    """What is chosen, from the widest to the narrowest, and what can be chosen within it."""

    path: list[Choice]
    within: list[Choice]
    recent: list[Choice]


def days(first: date | None, last: date | None, oldest: date, today: date) -> Days:
    """From what stands in the address, and the day of the oldest message."""
    recent = [
        Choice("Today", today, today + timedelta(days=1)),
        Choice("Yesterday", today - timedelta(days=1), today),
        Choice("Last 7 days", today - timedelta(days=6), today + timedelta(days=1)),
        Choice("Last 30 days", today - timedelta(days=29), today + timedelta(days=1)),
    ]
    path = _path(first, last)
    if not path:
        return Days([], [year(y) for y in range(oldest.year, today.year + 1)][::-1], recent)
    at = path[-1].start
    if len(path) == 1:
        return Days(path, [month(at.year, m) for m in range(1, 13)], recent)
    count = monthrange(at.year, at.month)[1]
    return Days(path, [day(at.replace(day=d)) for d in range(1, count + 1)], recent)


def _path(first: date | None, last: date | None) -> list[Choice]:
    """The year, month and day that these two are; nothing for any other stretch."""
    if first is None or last is None or not date.min < first < last:
        return []
    whole = [year(first.year), month(first.year, first.month), day(first)]
    for depth, choice in enumerate(whole, 1):
        if (choice.start, choice.end) == (first, last):
            return whole[:depth]
    return []


def year(number: int) -> Choice:
    return Choice(str(number), date(number, 1, 1), _after(number, 12))


def month(number: int, of: int) -> Choice:
    start = date(number, of, 1)
    return Choice(f"{start:%B}", start, _after(number, of))


def day(when: date) -> Choice:
    return Choice(str(when.day), when, min(when, date.max - timedelta(days=1)) + timedelta(days=1))


def _after(number: int, of: int) -> date:
    """The first of the month that follows; the calendar ends with the year 9999."""
    if (number, of) == (9999, 12):
        return date.max
    return date(number + of // 12, of % 12 + 1, 1)
