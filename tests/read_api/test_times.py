"""Times in answers: RFC 3339 in UTC, to the second or to the millisecond."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from read_api.message_rows import milliseconds, seconds

NIGHT = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
AHEAD = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("at", "to_seconds", "to_milliseconds"),
    [
        (NIGHT, "2026-11-22T23:59:59Z", "2026-11-22T23:59:59.000Z"),
        (
            NIGHT.replace(microsecond=999_999),
            "2026-11-22T23:59:59.999999Z",
            "2026-11-22T23:59:59.999Z",
        ),
        (
            NIGHT.replace(microsecond=20_300),
            "2026-11-22T23:59:59.020300Z",
            "2026-11-22T23:59:59.020Z",
        ),
        (NIGHT.astimezone(AHEAD), "2026-11-22T23:59:59Z", "2026-11-22T23:59:59.000Z"),
        (
            datetime(1, 2, 3, 4, 5, 6, 1_000, tzinfo=UTC),
            "0001-02-03T04:05:06.001000Z",
            "0001-02-03T04:05:06.001Z",
        ),
    ],
)
def test_a_time_is_written_in_utc(at: datetime, to_seconds: str, to_milliseconds: str) -> None:
    """More digits than asked for stand there only where they say something, and none is rounded."""
    assert to_seconds == seconds(at)
    assert to_milliseconds == milliseconds(at)
