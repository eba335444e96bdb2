"""Which days statistics are asked for."""

from datetime import date

import pytest

from read_api.errors import InvalidParameter
from read_api.pages.stretch import BUCKETS_MAX, bucket_name, stretch

TODAY = date(2026, 11, 22)


def test_without_a_word_it_is_the_last_thirty_days() -> None:
    of = stretch({}, TODAY)

    assert (date(2026, 10, 24), TODAY, 30, "day") == of


def test_days_count_back_and_two_days_are_said_as_they_are() -> None:
    assert (date(2026, 11, 22), TODAY, 1, "hour") == stretch({"days": "1"}, TODAY)
    both = {"from": "2026-11-01", "through": "2026-11-01"}
    assert (date(2026, 11, 1), date(2026, 11, 1), None, "hour") == stretch(both, TODAY)


@pytest.mark.parametrize(
    ("days", "by", "width"),
    [
        ("2", None, "hour"),
        ("7", None, "day"),
        ("7", "hour", "day"),
        ("365", None, "week"),
        ("365", "month", "month"),
        ("3660", "hour", "month"),
    ],
)
def test_buckets_are_as_wide_as_can_be_looked_at(days: str, by: str | None, width: str) -> None:
    asked = {"days": days} if by is None else {"days": days, "by": by}

    assert width == stretch(asked, TODAY).width
    assert BUCKETS_MAX >= 120


@pytest.mark.parametrize(
    "asked",
    [
        {"days": "0"},
        {"days": "99999"},
        {"days": "x"},
        {"from": "yesterday"},
        {"from": "2026-11-02", "through": "2026-11-01"},
        {"through": "0001-01-02"},
        {"by": "second"},
    ],
)
def test_what_is_no_stretch_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(InvalidParameter):
        stretch(asked, TODAY)


def test_a_bucket_is_called_by_its_beginning() -> None:
    names = [
        bucket_name("2026-11-02T13:00+01:00", "hour", TODAY),
        bucket_name("2026-11-02T00:00+01:00", "day", TODAY),
        bucket_name("2025-11-03T00:00+01:00", "week", TODAY),
        bucket_name("2025-11-01T00:00+01:00", "month", TODAY),
    ]

    assert ["2 Nov, 13:00", "2 Nov", "3 Nov 2025", "Nov 2025"] == names
