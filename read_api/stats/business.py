"""Business hours: when in the week people are at their desks, by clocks of the zone."""

import re
from datetime import timedelta
from typing import Any, NamedTuple

from read_api.errors import InvalidParameter
from read_api.models.stats import BusinessHours
from read_api.parser import Parser, parser
from read_api.stats.ranges import QUARTER, Range, offsets

HOURS_DEFAULT = (9 * 60, 18 * 60)
DAYS_DEFAULT = (1, 2, 3, 4, 5)

_HOURS = re.compile(
    r"([01][0-9]|2[0-3]):(00|15|30|45)-(([01][0-9]|2[0-3]):(00|15|30|45)|24:00)", re.ASCII
)
_DAYS = re.compile(r"[1-7](-[1-7])?(,[1-7](-[1-7])?){0,6}", re.ASCII)
_QUARTER_MINUTES = 15
# The first day of 1970, from which quarters are counted, was a Thursday: the fourth of its week.
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
        found.update(_day(first + n) for n in range(_day(last - first + 1)))
    return tuple(sorted(found))


def _day(number: int) -> int:
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
        return begun_today or (_day(day - 1) in self.days and minute < self.closes)


def business(values: dict[str, Any]) -> Business:
    """As the parameters say it."""
    opens, closes = values.get("hours", HOURS_DEFAULT)
    return Business(opens, closes, values.get("days", DAYS_DEFAULT))


def shown(of: Business) -> BusinessHours:
    """As an answer repeats it."""
    opens, closes = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (of.opens, of.closes))
    return {"hours": f"{opens}-{closes}", "days": list(of.days)}


def open_quarters(of: Business, asked: Range) -> dict[str, list[Any]]:
    """What the filter `business` of a statement takes.

    Of each quarter of a week from Thursday, whether it is open, and how many quarters the zone's
    clocks are ahead of UTC from which time on. Raises InvalidParameter.
    """
    minutes = range(0, 24 * 60, _QUARTER_MINUTES)
    found = offsets(asked)
    return {
        "open": [
            of.open_at(_day(day + _THURSDAY), minute) for day in range(7) for minute in minutes
        ],
        "offsets": [offset.since for offset in found],
        "ahead": [_quarters(offset.ahead) for offset in found],
    }


def _quarters(ahead: timedelta) -> int:
    return ahead // QUARTER
