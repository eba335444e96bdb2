"""Parameters are understood or refused, and never ignored."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import Request

from read_api import parameters, phones
from read_api.errors import InvalidParameter


def request_with(**headers: str) -> Request:
    pairs = [(name.replace("_", "-").lower().encode(), v.encode()) for name, v in headers.items()]
    return Request({"type": "http", "headers": pairs})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-16T10:00:00Z", datetime(2026, 11, 16, 10, tzinfo=UTC)),
        ("2026-11-16t10:00:00z", datetime(2026, 11, 16, 10, tzinfo=UTC)),
        ("2026-11-16T10:00:00.25Z", datetime(2026, 11, 16, 10, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-11-16T10:00:00+02:00", datetime(2026, 11, 16, 8, tzinfo=UTC)),
        # What a "+" becomes that nobody encoded.
        ("2026-11-16T10:00:00 02:00", datetime(2026, 11, 16, 8, tzinfo=UTC)),
        ("2026-11-16T10:00:00-03:00", datetime(2026, 11, 16, 13, tzinfo=UTC)),
        ("2026-11-16", date(2026, 11, 16)),
    ],
)
def test_a_moment_is_a_time_with_its_offset_or_a_date(text: str, expected: object) -> None:
    assert expected == parameters.moment("from", text)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-11-16T10:00:00", "2026-02-30", "2026-11-16T25:00:00Z", "1763287200",
     "0001-01-01T00:00:00+10:00", "2026-W47-1", "20261116", "2026-11-16T10:00:00+99:00"],
)  # fmt: skip
def test_what_is_no_moment_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        parameters.moment("received_from", text)

    assert "received_from" == refused.value.parameter


def test_a_bare_date_begins_with_its_day_in_the_zone() -> None:
    values = {
        "from": date(2026, 3, 29),
        "to": date(2026, 3, 30),
        "tz": ZoneInfo("Europe/Madrid"),
    }

    parameters.half_open(values, "from", "to")

    # The day on which the clocks go forward has 23 hours.
    assert datetime(2026, 3, 28, 23, tzinfo=UTC) == values["from"]
    assert datetime(2026, 3, 29, 22, tzinfo=UTC) == values["to"]


@pytest.mark.parametrize("until", [date(2026, 11, 15), date(2026, 11, 16)])
def test_a_range_that_holds_nothing_is_refused(until: date) -> None:
    with pytest.raises(InvalidParameter, match="to"):
        parameters.half_open({"from": date(2026, 11, 16), "to": until}, "from", "to")


def test_a_date_at_the_end_of_time_is_refused() -> None:
    values = {"from": date(1, 1, 1), "tz": ZoneInfo("Asia/Tokyo")}

    with pytest.raises(InvalidParameter):
        parameters.half_open(values, "from", "to")


@pytest.mark.parametrize(
    "text", ["", "Mars/Olympus", "../etc/passwd", "/etc/passwd", "Europe", "\0"]
)
def test_what_is_no_zone_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter):
        parameters.zone("tz", text)


@pytest.mark.parametrize("text", ["", "0", "201", "-1", "1e2", " 5", "٥", "5.0", "9" * 30])
def test_a_limit_outside_of_1_to_200_is_refused_and_not_clamped(text: str) -> None:
    with pytest.raises(InvalidParameter, match="from 1 to 200"):
        parameters.limit("limit", text)


@pytest.mark.parametrize("text", ["", "a\0b", "a\nb", "a\n", "x" * 513])
def test_a_word_has_no_control_characters(text: str) -> None:
    with pytest.raises(InvalidParameter):
        parameters.word("type", text)


def test_an_unknown_parameter_is_refused_by_name() -> None:
    with pytest.raises(InvalidParameter, match="api_key"):
        parameters.parse([("api_key", "wharf_0_0")], {"limit": parameters.limit})


def test_a_repeated_parameter_is_refused_unless_it_may_repeat() -> None:
    twice = [("type", "text"), ("type", "image")]

    assert {"type": ["text", "image"]} == parameters.parse(
        twice, {"type": parameters.word.several()}
    )
    with pytest.raises(InvalidParameter, match="more than once"):
        parameters.parse(twice, {"type": parameters.word})


@pytest.mark.parametrize(
    ("header", "expected"),
    [("wait=0", 0.0), ("wait=10", 10.0), ("respond-async, wait=3", 3.0), ('WAIT="4"', 4.0),
     ("wait=5;strict", 5.0), ("return=minimal", 2.0)],
)  # fmt: skip
def test_a_reader_prefers_to_wait(header: str, expected: float) -> None:
    assert expected == parameters.freshness(request_with(Prefer=header), {}).wait_s


@pytest.mark.parametrize("header", ["wait=11", "wait=-1", "wait=soon", "wait"])
def test_nobody_waits_longer_than_ten_seconds(header: str) -> None:
    with pytest.raises(InvalidParameter, match="Prefer"):
        parameters.freshness(request_with(Prefer=header), {})


def test_the_greater_of_both_positions_counts() -> None:
    request = request_with(X_Min_Position="7")

    assert 7 == parameters.freshness(request, {"min_position": 3}).min_position
    assert 9 == parameters.freshness(request, {"min_position": 9}).min_position


def test_a_bad_position_in_the_header_is_named_by_the_header() -> None:
    with pytest.raises(InvalidParameter, match="X-Min-Position"):
        parameters.freshness(request_with(X_Min_Position="head"), {})


@pytest.mark.parametrize(
    "text",
    ["5511987654321", "+5511987654321", " 5511987654321", "+55 (11) 98765-4321", "55.11.987654321"],
)
def test_a_phone_is_its_digits_however_it_is_typed(text: str) -> None:
    assert "5511987654321" == phones.digits("phone", text)


@pytest.mark.parametrize("text", ["", "+", "Ana", "++55", "55119876x", "1" * 21, "٥٥١١"])
def test_what_is_no_phone_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter, match="phone"):
        phones.digits("phone", text)


@pytest.mark.parametrize(
    ("number", "other"),
    [
        ("5511987654321", "551187654321"),
        ("551187654321", "5511987654321"),
        ("525512345678", "5215512345678"),
        ("5215512345678", "525512345678"),
        ("541123456789", "5491123456789"),
        ("5491123456789", "541123456789"),
    ],
)
def test_a_number_is_looked_up_as_whatsapp_may_write_it(number: str, other: str) -> None:
    assert [number, other] == phones.variants(number)


@pytest.mark.parametrize("number", ["551133334444", "4915112345678", "15550783881", "5511"])
def test_other_numbers_have_one_way_to_be_written(number: str) -> None:
    """A Brazilian landline with a 9 in it would be the mobile of somebody else."""
    assert [number] == phones.variants(number)


def test_a_short_suffix_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="suffix"):
        phones.from_values({"phone": "321", "phone_match": "suffix"}, may_know=True)


def test_a_way_to_match_needs_a_phone() -> None:
    with pytest.raises(InvalidParameter, match="phone_match"):
        phones.from_values({"phone_match": "exact"}, may_know=True)
