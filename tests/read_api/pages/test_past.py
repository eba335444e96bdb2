"""A moment of the past in the address of a page."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from read_api.pages.past import Past, Step, moment

MADRID = ZoneInfo("Europe/Madrid")
MONDAY = datetime(2026, 11, 16, 10, tzinfo=UTC)
STEPS = [Step(position, MONDAY + timedelta(minutes=position)) for position in (3, 7, 9)]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("48120", "48120"),
        ("2026-11-16T10:00", "2026-11-16T10:00:00+01:00"),
        ("2026-07-16T10:00", "2026-07-16T10:00:00+02:00"),
        ("2026-11-16T10:00:00Z", "2026-11-16T10:00:00Z"),
        ("nonsense", "nonsense"),
        ("٧", "٧"),
    ],
)
def test_a_time_without_an_offset_is_the_reader_s(text: str, asked: str) -> None:
    assert asked == moment(text, MADRID)


@pytest.mark.parametrize(
    ("here", "earlier", "later"), [(0, None, 7), (1, 3, 9), (2, 7, None), (-1, None, 3)]
)
def test_steps_lead_one_back_and_one_on(here: int, earlier: int | None, later: int | None) -> None:
    past = Past("x", MONDAY, STEPS, here)

    assert (earlier, later) == (past.earlier, past.later)
