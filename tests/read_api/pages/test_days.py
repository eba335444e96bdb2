"""Choosing days: year, month, day, and what lies outside of the calendar."""

from datetime import date

import pytest

from read_api.pages.days import days

TODAY = date(2026, 11, 22)
OLDEST = date(2024, 3, 1)


def test_first_there_are_the_years_with_messages_the_newest_on_top() -> None:
    found = days(None, None, OLDEST, TODAY)

    assert ["2026", "2025", "2024"] == [choice.title for choice in found.within]
    assert [] == found.path
    assert {"from": "2025-01-01", "to": "2026-01-01"} == found.within[1].query


def test_a_year_has_months_and_a_month_has_days() -> None:
    year = days(date(2024, 1, 1), date(2025, 1, 1), OLDEST, TODAY)
    month = days(date(2024, 2, 1), date(2024, 3, 1), OLDEST, TODAY)
    day = days(date(2024, 2, 29), date(2024, 3, 1), OLDEST, TODAY)

    assert ("2024", 12) == (year.path[-1].title, len(year.within))
    assert ("February", 29) == (month.path[-1].title, len(month.within))
    assert ["2024", "February", "29"] == [choice.title for choice in day.path]
    assert {"from": "2024-12-01", "to": "2025-01-01"} == year.within[-1].query


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 11, 16), date(2026, 11, 23)),
        (None, date(2026, 11, 23)),
        (date(2026, 11, 23), date(2026, 11, 16)),
    ],
)
def test_another_stretch_of_days_is_none_of_them(first: date | None, last: date) -> None:
    assert [] == days(first, last, OLDEST, TODAY).path


@pytest.mark.parametrize("first", [date(9999, 12, 31), date(9999, 12, 1), date(1, 1, 2)])
def test_the_calendar_s_ends_are_no_error(first: date) -> None:
    days(first, date.max, OLDEST, TODAY)
    days(first, date(9999, 12, 31), OLDEST, TODAY)
    days(date(1, 1, 1), date(2, 1, 1), OLDEST, TODAY)
