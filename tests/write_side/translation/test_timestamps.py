"""The reading of times is frozen: dedupe keys in people's logs begin with it."""

import pytest

from write_side.translation.timestamps import MILLISECONDS_MAX, as_datetime, read_time_ms

READINGS: list[tuple[object, int | None]] = [
    ("1763800000", 1_763_800_000_000),
    (1763800000, 1_763_800_000_000),
    ("1763800000123", 1_763_800_000_123),
    (1763800000123, 1_763_800_000_123),
    ("0", 0),
    (0, 0),
    ("0001763800000", 1_763_800_000_000),
    (100_000_000_000, 100_000_000_000_000),
    (100_000_000_001, 100_000_000_001),
    (MILLISECONDS_MAX, MILLISECONDS_MAX),
    (MILLISECONDS_MAX + 1, None),
    (-1, None),
    ("-1", None),
    ("+1", None),
    ("1.5", None),
    (1.5, None),
    (True, None),
    ("", None),
    (" 1", None),
    ("1_000", None),
    ("١٢٣", None),
    ("²", None),
    ("9" * 5000, None),
    (10**400, None),
    (None, None),
    ([1], None),
]


@pytest.mark.parametrize(("value", "milliseconds"), READINGS, ids=range(len(READINGS)))
def test_a_time_is_read_as_it_always_was(value: object, milliseconds: int | None) -> None:
    assert milliseconds == read_time_ms(value)


def test_times_are_utc_to_the_millisecond() -> None:
    assert as_datetime(1_763_800_000_123).isoformat() == "2025-11-22T08:26:40.123000+00:00"
    assert as_datetime(MILLISECONDS_MAX).year == 9999
