"""Business hours: when in the week people are at their desks, by clocks of the zone."""

import re
from typing import Any, NamedTuple

from read_api.errors import InvalidParameter
from read_api.models.stats import BusinessHours
from read_api.parser import Parser, parser
from read_api.stats.pieces import QUARTER_MINUTES, quarter
from read_api.stats.ranges import QUARTER, Range, offsets

HOURS_DEFAULT = (9 * 60, 18 * 60)
DAYS_DEFAULT = (1, 2, 3, 4, 5)

_HOURS = re.compile(
    r"([01][0-9]|2[0-3]):(00|15|30|45)-(([01][0-9]|2[0-3]):(00|15|30|45)|24:00)", re.ASCII
)
_DAYS = re.compile(r"[1-7](-[1-7])?(,[1-7](-[1-7])?){0,6}", re.ASCII)
# Of quarters of an hour.
_DAY = 96
# The first day of 1970, from which days are counted, was a Thursday: the fourth of its week.
_THURSDAY = 4


@parser(type="string", pattern=f"^{_HOURS.pattern}$", examples=["09:00-18:00"])
def hours(name: str, text: str) -> tuple[int, int]:
    """Business hours, from and to a full quarter of an hour; 09:00-18:00 if not given.

    Those that end no later than they begin end on the next day.
    """
    if not _HOURS.fullmatch(text):
        raise InvalidParameter(name, "has to be two full quarters of an hour, as 09:00-18:00")
    opens, closes = (60 * int(clock[:2]) + int(clock[3:]) for clock in text.split("-"))
    return opens, closes


@parser(type="string", pattern=f"^{_DAYS.pattern}$", examples=["1-5"])
def days(name: str, text: str) -> tuple[int, ...]:
    """Days on which business hours begin, 1 is Monday; 1-5 if not given."""
    if not _DAYS.fullmatch(text):
        raise InvalidParameter(name, "has to be days from 1 (Monday) to 7, as 1-5 or 1,3,6-7")
    found: set[int] = set()
    for part in text.split(","):
        first, last = int(part[0]), int(part[-1])
        found.update(_weekday(first + n) for n in range(_weekday(last - first + 1)))
    return tuple(sorted(found))


def _weekday(number: int) -> int:
    """1 to 7, where 8 is Monday again and 0 Sunday."""
    return (number - 1) % 7 + 1


PARAMETERS: dict[str, Parser] = {"hours": hours, "days": days}


class Business(NamedTuple):
    """From `opens` until `closes`, minutes of a day, beginning on these days of the week."""

    opens: int
    closes: int
    days: tuple[int, ...]

    def open_at(self, day: int, minute: int) -> bool:
        if self.opens < self.closes:
            return day in self.days and self.opens <= minute < self.closes
        begun_today = day in self.days and self.opens <= minute
        return begun_today or (_weekday(day - 1) in self.days and minute < self.closes)


def business(values: dict[str, Any]) -> Business:
    """As the parameters say it."""
    opens, closes = values.get("hours", HOURS_DEFAULT)
    return Business(opens, closes, values.get("days", DAYS_DEFAULT))


def shown(of: Business) -> BusinessHours:
    """As an answer repeats it."""
    opens, closes = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (of.opens, of.closes))
    return {"hours": f"{opens}-{closes}", "days": list(of.days)}


def open_spans(of: Business, asked: Range) -> list[tuple[int, int]]:
    """When they are, in order: from and to in quarters of an hour since 1970.

    By the clocks of the range's zone, so an hour that comes twice is in both times. Raises
    InvalidParameter.
    """
    found: list[tuple[int, int]] = []
    changes = offsets(asked)
    ends = [*(each.since for each in changes[1:]), asked.until]
    for offset, end in zip(changes, ends, strict=True):
        ahead = offset.ahead // QUARTER
        since, until = (quarter(at) + ahead for at in (offset.since, end))
        # Hours of a night go on into the first day.
        for day in range(since // _DAY - 1, (until - 1) // _DAY + 1):
            if _weekday(day + _THURSDAY) in of.days:
                opens, closes = _hours_of(of, day)
                if max(opens, since) < min(closes, until):
                    found.append((max(opens, since) - ahead, min(closes, until) - ahead))
    return found


def _hours_of(of: Business, day: int) -> tuple[int, int]:
    """As local clocks count quarters since 1970."""
    opens, closes = (day * _DAY + minutes // QUARTER_MINUTES for minutes in (of.opens, of.closes))
    return opens, closes if opens < closes else closes + _DAY
