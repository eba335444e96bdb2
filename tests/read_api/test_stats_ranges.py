"""Ranges and buckets: every zone's own hours and days, all of them, and no more than are good."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from read_api.errors import InvalidParameter
from read_api.models.stats import BucketWidth
from read_api.stats.ranges import BUCKETS_MAX, WIDTHS, Range, asked, buckets, offsets, spans
from read_api.stats.waits import PERCENTILE_ERROR, RATIO, seconds

NOW = datetime(2026, 11, 22, 12, 7, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def given(since: str, until: str, zone: str = "UTC") -> Range:
    """Between two local midnights."""
    tz = ZoneInfo(zone)
    begin, end = (datetime.fromisoformat(day).replace(tzinfo=tz) for day in (since, until))
    return Range(begin.astimezone(UTC), end.astimezone(UTC), tz, None)


def lengths(of: Range, width: BucketWidth) -> list[float]:
    """Of the buckets, in hours."""
    begins = [*buckets(of, width), of.until]
    return [(end - begin) / timedelta(hours=1) for begin, end in pairwise(begins)]


def test_without_a_range_it_is_the_last_thirty_days_and_today() -> None:
    tz = ZoneInfo("Pacific/Auckland")
    of = asked({"tz": tz}, NOW)

    assert "2026-11-24T00:00:00+13:00" == of.until.astimezone(tz).isoformat()
    assert "2026-10-25T00:00:00+13:00" == of.since.astimezone(tz).isoformat()


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Madrid", "2026-03-29", 23),
        ("Europe/Madrid", "2026-10-25", 25),
        ("Asia/Kathmandu", "2026-10-25", 24),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        # Midnight itself is left out, or comes twice.
        ("Africa/Cairo", "2026-04-24", 23),
        ("America/Havana", "2026-11-01", 25),
    ],
)
def test_a_day_on_which_clocks_change_has_all_its_hours(zone: str, day: str, hours: float) -> None:
    after = (datetime.fromisoformat(day) + timedelta(days=1)).date().isoformat()
    of = given(day, after, zone)
    (told,) = spans(of, buckets(of, "day"))

    assert [hours] == lengths(of, "day")
    assert hours == sum(lengths(of, "hour")) == sum(lengths(of, "15min"))
    assert all(length in (0.5, 1) for length in lengths(of, "hour"))
    assert told["local_from"].startswith(day)


def test_an_hour_that_comes_twice_is_two_buckets() -> None:
    of = given("2026-10-25", "2026-10-26", "Europe/Madrid")
    local = [span["local_from"][11:] for span in spans(of, buckets(of, "hour"))]

    assert ["02:00+02:00", "02:00+01:00"] == local[2:4]
    assert 25 == len(local)


def test_a_day_that_a_zone_left_out_is_no_bucket() -> None:
    of = given("2011-12-29", "2012-01-01", "Pacific/Apia")

    assert [24, 24] == lengths(of, "day")


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    of = given("2026-10-30", "2026-12-02", "Asia/Kolkata")
    weeks, months = (
        [span["local_from"][:10] for span in spans(of, buckets(of, width))]
        for width in ("week", "month")
    )

    assert ["2026-10-30", "2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23", "2026-11-30"] == (
        weeks
    )
    assert ["2026-10-30", "2026-11-01", "2026-12-01"] == months


@pytest.mark.parametrize("width", WIDTHS)
def test_buckets_cover_the_range_without_gap_or_overlap(width: BucketWidth) -> None:
    since = utc("2026-03-27T10:45")
    of = Range(since, since + timedelta(days=9, hours=5), ZoneInfo("America/St_Johns"), None)
    told = spans(of, buckets(of, width))

    assert ("2026-03-27T10:45:00Z", "2026-04-05T15:45:00Z") == (told[0]["from"], told[-1]["to"])
    assert all(one["to"] == next_one["from"] for one, next_one in pairwise(told))


def test_as_many_buckets_as_may_be_and_no_more() -> None:
    since = utc("2026-01-01")
    most = Range(since, since + timedelta(hours=BUCKETS_MAX), ZoneInfo("UTC"), None)
    assert BUCKETS_MAX == len(buckets(most, "hour"))

    with pytest.raises(InvalidParameter) as refused:
        buckets(most._replace(until=most.until + timedelta(minutes=15)), "hour")
    assert "bucket" == refused.value.parameter


def test_time_ends_and_so_do_buckets() -> None:
    of = Range(utc("9999-12-30"), utc("9999-12-31T14:45"), ZoneInfo("Asia/Tokyo"), None)

    assert {width: len(buckets(of, width)) for width in WIDTHS} == {
        "15min": 155, "hour": 39, "day": 2, "week": 1, "month": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "parameter"),
    [
        ({"from": utc("2026-11-01T10:01")}, "from"),
        ({"to": utc("2026-11-01T10:00:00.5")}, "to"),
        ({"from": utc("2026-11-22T13:00"), "to": utc("2026-11-22T12:00")}, "to"),
        ({"from": utc("2016-01-01")}, "from"),
        ({"to": date.min}, "to"),
        (
            {
                "from": utc("9999-12-30"),
                "to": utc("9999-12-31T22:00"),
                "tz": ZoneInfo("Asia/Tokyo"),
            },
            "to",
        ),
        # Liberia was 44 minutes and 30 seconds behind; a day there begins at no quarter.
        (
            {
                "from": date(1970, 5, 1),
                "to": date(1970, 5, 2),
                "tz": ZoneInfo("Africa/Monrovia"),
            },
            "from",
        ),
    ],
)
def test_a_range_that_can_not_be_counted_is_refused(values: dict[str, Any], parameter: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        asked(values, NOW)

    assert parameter == refused.value.parameter


@pytest.mark.parametrize("width", ["hour", "day"])
def test_a_zone_of_old_without_full_quarters_is_refused(width: BucketWidth) -> None:
    of = Range(utc("1970-05-01"), utc("1970-05-03"), ZoneInfo("Africa/Monrovia"), None)
    for look in (lambda: buckets(of, width), lambda: offsets(of)):
        with pytest.raises(InvalidParameter) as refused:
            look()
        assert "tz" == refused.value.parameter


def test_offsets_change_in_the_quarter_of_an_hour_in_which_clocks_do() -> None:
    of = given("2026-03-01", "2026-12-01", "Europe/Madrid")

    assert [
        (of.since, timedelta(hours=1)),
        (utc("2026-03-29T01:00"), timedelta(hours=2)),
        (utc("2026-10-25T01:00"), timedelta(hours=1)),
    ] == offsets(of)


def test_a_slot_says_how_long_a_wait_was_within_the_stated_error() -> None:
    waited = 1
    for slot in range(1, 200):
        while waited < RATIO**slot:
            said = seconds(slot)
            assert said is not None
            assert abs(said - waited) <= PERCENTILE_ERROR * waited
            waited += max(1, waited // 50)
    assert (0, None) == (seconds(0), seconds(None))
