"""Reads the times that Meta sends.

FROZEN FOR EVER: a dedupe key begins with the time read here, so another reading of the same
value would let the same message into the log a second time.
"""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Seconds pass this in the year 5138, milliseconds passed it in 1973.
SECONDS_MAX = 100_000_000_000
# The last millisecond of the year 9999, where datetime ends.
MILLISECONDS_MAX = 253_402_300_799_999
# No readable time is longer, and int() is slow on a text of a million digits.
DIGITS_MAX = 20


def read_time_ms(value: object) -> int | None:
    """Milliseconds since 1970 from an int or a text of ASCII digits, None for all else.

    Numbers above 1e11 are milliseconds, others seconds. Public samples have texts of seconds
    in messages and statuses, and ints in some fields. Negative times count as none.
    """
    if type(value) is str:
        if not (value.isascii() and value.isdigit() and len(value) <= DIGITS_MAX):
            return None
        number = int(value)
    elif type(value) is int:
        number = value
    else:
        return None
    if number < 0:
        return None
    milliseconds = number if number > SECONDS_MAX else number * 1000
    return milliseconds if milliseconds <= MILLISECONDS_MAX else None


def as_datetime(milliseconds: int) -> datetime:
    """The aware UTC time of a value that `read_time_ms` gave."""
    return EPOCH + timedelta(0, 0, 0, milliseconds)
