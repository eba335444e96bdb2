"""Pieces: a range is read from few rows, and each quarter of an hour of it exactly once."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.stats import counts
from read_api.stats.business import Business, open_spans
from read_api.stats.pieces import (
    QUARTER_MINUTES,
    QUARTER_S,
    WIDTHS,
    Stretch,
    cut_at,
    pieces,
    quarter,
    stretches,
    within,
)
from read_api.stats.ranges import EPOCH, QUARTER, Range, buckets

QUARTERS = st.integers(-500, 500)


def quarters(found: dict[str, list[int]]) -> list[tuple[int, int]]:
    """Of which bucket each quarter of an hour is, as often as it is read."""
    columns = (found[name] for name in ("widths", "sinces", "untils", "buckets"))
    read = []
    for minutes, since, until, bucket in zip(*columns, strict=True):
        width = minutes // QUARTER_MINUTES
        assert since % (width * QUARTER_S) == until % (width * QUARTER_S) == 0
        read += [(at, bucket) for at in range(since // QUARTER_S, until // QUARTER_S)]
    return read


@given(edges=st.sets(QUARTERS, min_size=2, max_size=6), widest=st.sampled_from(WIDTHS))
def test_pieces_are_every_quarter_of_each_part_once(edges: set[int], widest: int) -> None:
    parts = [Stretch(*span, n) for n, span in enumerate(pairwise(sorted(edges)))]

    found = pieces(parts, widest)

    assert [(at, n) for since, until, n in parts for at in range(since, until)] == quarters(found)
    assert all(minutes <= widest * QUARTER_MINUTES for minutes in found["widths"])


@given(edges=st.sets(QUARTERS, min_size=2, max_size=6), at=QUARTERS)
def test_a_moment_cuts_the_part_that_it_is_in(edges: set[int], at: int) -> None:
    parts = [Stretch(*span, n) for n, span in enumerate(pairwise(sorted(edges)))]

    found = list(cut_at(parts, at))

    assert quarters(pieces(parts)) == quarters(pieces(found))
    assert not [part for part in found if part.since < at < part.until]


@given(
    edges=st.sets(QUARTERS, min_size=2, max_size=6),
    spans=st.sets(QUARTERS, max_size=8).map(sorted),
)
def test_within_spans_there_is_what_both_have(edges: set[int], spans: list[int]) -> None:
    parts = [Stretch(*span, n) for n, span in enumerate(pairwise(sorted(edges)))]
    open_ = list(zip(spans[::2], spans[1::2], strict=False))

    found = quarters(pieces(within(parts, open_)))

    assert found == [
        (at, n) for at, n in quarters(pieces(parts)) if any(a <= at < b for a, b in open_)
    ]


@pytest.mark.parametrize(
    ("zone", "most"),
    [("UTC", 1), ("Europe/Madrid", 3), ("America/Sao_Paulo", 3), ("Asia/Kathmandu", 5)],
)
def test_a_day_is_few_pieces(zone: str, most: int) -> None:
    tz = ZoneInfo(zone)
    since, until = (datetime(2026, 11, day, tzinfo=tz).astimezone(UTC) for day in (1, 8))
    begins = buckets(Range(since, until, tz, None), "day")

    assert len(pieces(stretches(begins, until))["widths"]) <= 7 * most


@pytest.mark.parametrize("of", [(9 * 60, 18 * 60), (22 * 60, 6 * 60), (0, 24 * 60), (600, 600)])
@pytest.mark.parametrize(
    ("zone", "since"),
    [
        ("Europe/Madrid", datetime(2026, 10, 23, 7, 15, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 2, 3, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(1969, 12, 30, tzinfo=UTC)),
    ],
)
def test_business_hours_are_the_quarters_that_clocks_say(
    of: tuple[int, int], zone: str, since: datetime
) -> None:
    tz, business = ZoneInfo(zone), Business(*of, (1, 3, 6, 7))
    until = since + timedelta(days=8)
    found = open_spans(business, Range(since, until, tz, None))

    expected = []
    for n in range(quarter(since), quarter(until)):
        local = (EPOCH + n * QUARTER).astimezone(tz)
        if business.open_at(local.isoweekday(), local.hour * 60 + local.minute):
            expected.append(n)
    assert expected == [n for begin, end in found for n in range(begin, end)]


def test_the_last_moment_of_all_is_no_trouble() -> None:
    since = datetime(9999, 12, 31, 20, 15, tzinfo=UTC)
    until = since + timedelta(hours=3)
    of = Range(since, until, ZoneInfo("UTC"), None)

    assert 12 == len(quarters(pieces(stretches([since], until))))
    assert 1 == len(open_spans(Business(0, 24 * 60, (1, 2, 3, 4, 5, 6, 7)), of))


def test_the_widths_are_those_that_are_counted() -> None:
    values = ", ".join(str(QUARTER_MINUTES * width) for width in reversed(WIDTHS))
    assert values == "15, 60, 360"
    assert "(values (15::smallint), (60), (360))" in counts.ADD_MESSAGES
