"""Business hours as they are asked for: also those of a night, and of days over a weekend."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from read_api.stats.business import Business, business, days, hours

QUARTERS = range(0, 24 * 60, 15)
CLOCKS = st.integers(0, 95).map(lambda n: f"{n // 4:02}:{n % 4 * 15:02}")


def asked(hours_: str, days_: str) -> Business:
    return business({"hours": hours("hours", hours_), "days": days("days", days_)})


@pytest.mark.parametrize(
    ("day", "clock", "is_open"),
    [
        (5, 22 * 60 - 15, False),
        (5, 22 * 60, True),
        (6, 0, True),
        (6, 6 * 60 - 15, True),
        (6, 6 * 60, False),
        (6, 22 * 60, False),
        (5, 0, False),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_begins(day: int, clock: int, is_open: bool) -> None:
    assert is_open == asked("22:00-06:00", "5").open_at(day, clock)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1-5", (1, 2, 3, 4, 5)),
        ("1,3,6-7", (1, 3, 6, 7)),
        ("6-1", (1, 6, 7)),
        ("2-1", (*range(1, 8),)),
    ],
)
def test_days_go_on_over_the_weekend(text: str, expected: tuple[int, ...]) -> None:
    assert expected == days("days", text)


@given(
    opens=CLOCKS,
    closes=st.one_of(CLOCKS, st.just("24:00")),
    first=st.integers(1, 7),
    last=st.integers(1, 7),
)
def test_a_week_is_open_as_often_as_there_are_days_and_as_long_as_they_say(
    opens: str, closes: str, first: int, last: int
) -> None:
    found = asked(f"{opens}-{closes}", f"{first}-{last}")
    length = (found.closes - found.opens) % (24 * 60) or 24 * 60

    open_ = sum(found.open_at(day, minute) for day in range(1, 8) for minute in QUARTERS)

    assert ((last - first) % 7 + 1) * length == open_ * 15
