"""Parameters: what is not understood is refused, for ignoring it answers another question."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.requests import Request

from read_api import numbers
from read_api.errors import InvalidParameter
from read_api.parser import Parser as Parser
from read_api.parser import parser
from read_api.reading import Freshness

NUMBER = "phone_number_id"
LIMIT_DEFAULT = 50
LIMIT_MAX = 200
WAIT_DEFAULT_S = 2.0
WAIT_MAX_S = 10.0

_INT4_MAX = 2**31 - 1
_INT8_MAX = 2**63 - 1
_WORD_LENGTH_MAX = 512
_WORD = r"[^\x00-\x1f\x7f-\x9f]+"

# A "+" that was not encoded arrives as a space, in a time's offset as in a phone number.
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?:([Zz])|([-+ ])(\d\d:\d\d))"
)


def parse(items: Iterable[tuple[str, str]], known: Mapping[str, Parser]) -> dict[str, Any]:
    """Values by name, for the parameters that were given; a repeatable one gives a list.

    Raises InvalidParameter for an unknown name, a bad value, and a repetition that is not meant.
    """
    values: dict[str, Any] = {}
    for name, text in items:
        read = known.get(name)
        if read is None:
            raise InvalidParameter(name, "there is no such parameter here")
        value = read(name, text)
        if name == NUMBER and (seen := numbers.allowed()) is not None and value not in seen:
            # Its rows are hidden anyhow; looking through all others for them would take long.
            raise InvalidParameter(name, "is not one of the numbers that this key may see")
        if read.repeatable:
            values.setdefault(name, []).append(value)
        elif name in values:
            raise InvalidParameter(name, "is given more than once")
        else:
            values[name] = value
    return values


@parser(type="string", minLength=1, maxLength=_WORD_LENGTH_MAX, pattern=f"^{_WORD}$")
def word(name: str, text: str) -> str:
    """Any text that can be an id or a type: not empty, no control characters."""
    if len(text) > _WORD_LENGTH_MAX or not re.fullmatch(_WORD, text):
        raise InvalidParameter(name, f"has to be 1 to {_WORD_LENGTH_MAX} printable characters")
    return text


def one_of(*words: str) -> Parser[str]:
    """One of a closed list of words."""

    @parser(type="string", enum=list(words))
    def read(name: str, text: str) -> str:
        if text not in words:
            raise InvalidParameter(name, f"has to be one of {', '.join(words)}")
        return text

    return read


def whole_number(least: int, most: int) -> Parser[int]:
    """A whole number in a range, both ends included; never clamped."""

    @parser(type="integer", minimum=least, maximum=most)
    def read(name: str, text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,19}", text) or not least <= int(text) <= most:
            raise InvalidParameter(name, f"has to be a whole number from {least} to {most}")
        return int(text)

    return read


@parser(type="boolean")
def yes_or_no(name: str, text: str) -> bool:
    """true or false."""
    if text not in ("true", "false"):
        raise InvalidParameter(name, "has to be true or false")
    return text == "true"


limit = whole_number(1, LIMIT_MAX).about(f"How many items, {LIMIT_DEFAULT} if not given.")
position = whole_number(0, _INT8_MAX).about("A position of the log, or an id, which is one.")
error_code = whole_number(0, _INT4_MAX).about("Meta's number of an error, as 131047.")
cursor = word.about("next_cursor or prev_cursor of an answer to the same question.")
phone_number_id = word.about("Meta's id of the business's own number.")


@parser(type="string", anyOf=[{"format": "date-time"}, {"format": "date"}])
def moment(name: str, text: str) -> datetime | date:
    """A time with its offset (RFC 3339), or a bare date, whose zone is another parameter."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
        match = _MOMENT.fullmatch(text)
        if match:
            day, clock, utc, sign, offset = match.groups()
            zone = "+00:00" if utc else sign.replace(" ", "+") + offset
            return datetime.fromisoformat(f"{day}T{clock}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidParameter(name, "has to be a time with its offset (RFC 3339), or a date")


@parser(type="string", format="time-zone", examples=["Europe/Madrid"])
def zone(name: str, text: str) -> ZoneInfo:
    """A time zone by its IANA name."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidParameter(
            name, "has to be the name of a time zone, as Europe/Madrid"
        ) from None


def half_open(values: dict[str, Any], since: str, until: str) -> None:
    """Make moments of both ends: a bare date is the start of that day in `tz` (UTC).

    The end is not in the range: `to=2026-11-23` still shows all of the 22nd.
    """
    in_zone = values.get("tz") or ZoneInfo("UTC")
    for name in (since, until):
        value = values.get(name)
        if isinstance(value, date) and not isinstance(value, datetime):
            try:
                values[name] = datetime.combine(value, time(), in_zone).astimezone(UTC)
            except OverflowError:
                raise InvalidParameter(name, "is out of range") from None
    if since in values and until in values and values[since] >= values[until]:
        raise InvalidParameter(until, f"has to be later than {since}")


FRESHNESS: dict[str, Parser] = {
    "min_position": position.about(
        "Wait until the read tables have this position, as the header X-Min-Position does."
    ),
    "stale": one_of("allow").about("Answer with what there is if they don't have it in time."),
}


def freshness(request: Request, values: Mapping[str, Any]) -> Freshness:
    """From min_position or X-Min-Position (the greater), Prefer: wait=n, and stale=allow."""
    header = request.headers.get("X-Min-Position")
    told = 0 if header is None else position("X-Min-Position", header)
    asked = max(values.get("min_position", 0), told)
    return Freshness(asked, _wait_s(request), values.get("stale") == "allow")


def _wait_s(request: Request) -> float:
    # RFC 7240: preferences that are not known are no error, nor are repeated headers.
    for preference in ",".join(request.headers.getlist("Prefer")).split(","):
        name, _, value = preference.partition("=")
        if name.strip().lower() == "wait":
            text = value.split(";")[0].strip().strip('"')
            return float(whole_number(0, int(WAIT_MAX_S))("Prefer", text))
    return WAIT_DEFAULT_S
