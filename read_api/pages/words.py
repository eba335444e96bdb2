"""Words: how times, sizes and texts of strangers are written on a page."""

import json
import re
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

# No quotes, no brackets, nothing that can't be seen or that turns text around: that is where an
# address in running text ends.
_ADDRESS = re.compile(
    r"https?://[^\s<>\"'\u00ab\u00bb\u061c\u200b-\u200f\u2018-\u201f\u2028-\u202e\u2060-\u206f]+",
    re.I,
)
_AFTER_ADDRESS = ".,:;!?)]}…*_~"
_SIZES = ("bytes", "kB", "MB", "GB")


def linked(text: str) -> Markup:
    """The text escaped, with its web addresses as links: http and https, nothing else."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(_AFTER_ADDRESS)
        if not _has_host(address):
            continue
        parts.append(escape(text[end : found.start()]))
        parts.append(
            Markup(
                '<a href="{0}" rel="noopener noreferrer nofollow" target="_blank">{0}</a>'
            ).format(address)
        )
        end = found.start() + len(address)
    return Markup("").join([*parts, escape(text[end:])])


def _has_host(address: str) -> bool:
    try:
        return bool(urlsplit(address).hostname)
    except ValueError:
        return False


def web_address(text: object) -> str | None:
    """The text, if it is an http address that may become a link."""
    found = isinstance(text, str) and _ADDRESS.fullmatch(text) and _has_host(text)
    return str(text) if found else None


def moment(text: str) -> datetime:
    """A time as the API writes it."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def clock(text: str, zone: tzinfo) -> str:
    return moment(text).astimezone(zone).strftime("%H:%M")


def day(text: str, zone: tzinfo) -> date:
    return moment(text).astimezone(zone).date()


def day_name(when: date, today: date) -> str:
    """A day as the line between two days of a thread says it."""
    if when == today:
        return "Today"
    if when == today - timedelta(days=1):
        return "Yesterday"
    return f"{when:%A} {when.day} {when:%B %Y}"


def date_name(when: date) -> str:
    """A day with its year, where it stands alone."""
    return f"{when.day} {when:%b %Y}"


def lately(text: str, zone: tzinfo, today: date) -> str:
    """A time in a list: the clock today, the weekday this week, else the date."""
    at = moment(text).astimezone(zone)
    when = at.date()
    if when == today:
        return at.strftime("%H:%M")
    if timedelta(0) < today - when < timedelta(days=7):
        return f"{when:%a}"
    return f"{when.day} {when:%b}" if when.year == today.year else f"{when.day} {when:%b %Y}"


def in_table(text: str, zone: tzinfo, today: date) -> str:
    """The clock today, else the date with it."""
    at = moment(text).astimezone(zone)
    when = at.date()
    if when == today:
        return at.strftime("%H:%M:%S")
    year = "" if when.year == today.year else f" {when.year}"
    return f"{when.day} {when:%b}{year}, {at:%H:%M}"


def full(text: str, zone: tzinfo) -> str:
    """A time to the second, with its zone."""
    at = moment(text).astimezone(zone)
    return f"{at.day} {at:%b %Y, %H:%M:%S} {at.tzname()}"


def span(seconds: float) -> str:
    """A length of time in its two largest units: `3 h 12 min`, `4 s`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    left = round(seconds)
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])


def left(text: str | None, now: datetime) -> str | None:
    """How long it is until a time, in hours and minutes; None when it is over."""
    if text is None or (seconds := (moment(text) - now).total_seconds()) <= 0:
        return None
    hours, minutes = divmod(int(seconds // 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def between(earlier: str, later: str) -> str:
    return span(max(0.0, (moment(later) - moment(earlier)).total_seconds()))


def size(count: int | None) -> str:
    """Bytes as people say them."""
    if count is None:
        return ""
    value = float(count)
    for unit in _SIZES:
        if value < 1000 or unit == _SIZES[-1]:
            return f"{count} bytes" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError("the last unit takes everything")


def number(count: int) -> str:
    """With thin spaces between the thousands."""
    return f"{count:,}".replace(",", "\u202f")


def initials(name: str | None) -> str:
    """One or two letters for the circle beside a name; nothing for a number."""
    words = [word for word in re.split(r"[\s@._-]+", name or "") if word and word[0].isalpha()]
    if not words:
        return ""
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


# What a message is called where its content is not shown, or has none.
TYPES = {
    "text": "Text",
    "image": "Photo",
    "video": "Video",
    "audio": "Audio",
    "voice": "Voice message",
    "document": "Document",
    "sticker": "Sticker",
    "location": "Location",
    "contacts": "Contact card",
    "interactive": "Reply",
    "button": "Button",
    "order": "Order",
    "system": "System message",
    "unsupported": "Unsupported message",
    "request_welcome": "Opened the chat",
    "template": "Template",
    "media_placeholder": "File from the phone's history",
}


def type_name(message_type: str | None) -> str:
    """Meta's word is shown where we have none of our own."""
    if message_type is None:
        return "Sent by another system"
    return TYPES.get(message_type, message_type)


def as_list(value: Any) -> list[Any]:
    """What a stranger sent as a list, or nothing."""
    return value if isinstance(value, list) else []


class Loose(dict[str, Any]):
    """An object of a stranger: what it lacks is empty."""

    def __missing__(self, key: str) -> str:
        return ""


def as_dict(value: Any) -> Loose:
    """What a stranger sent as an object, or nothing."""
    return Loose(value) if isinstance(value, dict) else Loose()


def pretty_json(text: str) -> str:
    """JSON with its lines broken; what is none stays as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text


def as_text(value: Any) -> str:
    """What a stranger sent as a text or a number, or nothing."""
    return (
        str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    )
