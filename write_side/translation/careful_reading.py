"""Reads the values around items where they may be of any type."""

import msgspec

from write_side.translation.channel import Channel, set_number
from write_side.translation.envelope import Metadata, decode_metadata
from write_side.translation.items import DESCRIBING_KEYS
from write_side.translation.routes import ARRAYS, MESSAGES
from write_side.translation.storable import Number, escape, write
from write_side.translation.timestamps import DIGITS_MAX


def is_messages(value: object) -> bool:
    """Whether a change without a field name is one of `messages`, by what it holds."""
    return isinstance(value, dict) and (
        not value.keys().isdisjoint(ARRAYS[MESSAGES]) or value.keys() <= DESCRIBING_KEYS
    )


def take_number(channel: Channel, metadata: object) -> None:
    """Takes the business number from `metadata`, and none where that has another shape."""
    try:
        set_number(channel, decode_metadata(write(metadata).raw))
    except (msgspec.DecodeError, RecursionError):
        set_number(channel, Metadata())


def as_id(value: object) -> str:
    """An entry's id as text; "" where it is missing or of another type."""
    return escape(value) if isinstance(value, str) else ""


def as_time(value: object) -> int | str | None:
    """An entry's time in the types that the quick way has it in."""
    if isinstance(value, Number):
        return int(value) if value.isdigit() and len(value) <= DIGITS_MAX else None
    return value if isinstance(value, str) else None
