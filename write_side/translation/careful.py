"""The slow way through a delivery, for bodies that are not as documented.

Takes what json.loads takes, and keeps each item that can be kept: text is escaped where jsonb
can't hold it, and what is broken is quarantined by itself. What is no JSON at all, or nested too
deep to be parsed, is one quarantined item, with the bytes in the delivery.
"""

from json import JSONDecodeError

from write_side.translation.careful_walk import CarefulWalk
from write_side.translation.channel import Channel, Source
from write_side.translation.leftovers import quarantined
from write_side.translation.outcome import Translation, conclude
from write_side.translation.storable import parse

BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def translate_carefully(source: Source) -> Translation:
    """The events of a delivery of any bytes.

    Raises TooManyItems, and nothing else for what is in them.
    """
    try:
        body = parse(source.body)
    except (ValueError, RecursionError) as error:
        return quarantine_whole(source, unreadable(source.body, error))
    if not isinstance(body, dict):
        return quarantine_whole(source, "the body is not a JSON object")
    entries = body.get("entry")
    if not isinstance(entries, list):
        return quarantine_whole(source, "the body has no array `entry`")
    walk = CarefulWalk(source)
    walk.take_entries(entries)
    return conclude(walk.events, walk.ignored)


def quarantine_whole(source: Source, reason: str) -> Translation:
    """One event for the whole delivery, without its content."""
    return conclude([quarantined(Channel(source, "", None, None), reason, None, "")], [])


def unreadable(body: bytes, error: Exception) -> str:
    """Why a body can't be parsed, without quoting it."""
    if body.startswith(BYTE_ORDER_MARKS):
        return "the body starts with a byte order mark"
    if isinstance(error, UnicodeDecodeError):
        return f"the body is not UTF-8 (byte {error.start})"
    if isinstance(error, JSONDecodeError):
        return f"the body is not JSON: {error}"
    if isinstance(error, RecursionError):
        return "the body is nested too deep"
    return "the body is not JSON"
