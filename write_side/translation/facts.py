"""What the events of all fields but `messages` have in common."""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from events.dedupe import dedupe_key
from events.envelope import NewEvent
from write_side.translation.channel import Channel
from write_side.translation.leftovers import canonical
from write_side.translation.refusal import TranslationRefused, check_id
from write_side.translation.timestamps import as_datetime, read_time_ms
from write_side.translation.values import Time


def number_of(channel: Channel) -> tuple[str, dict[str, object]]:
    """The business number's id, and the data that says so. Raises TranslationRefused."""
    if channel.phone_number_id is None:
        raise TranslationRefused("metadata.phone_number_id is missing")
    data: dict[str, object] = {"phone_number_id": channel.phone_number_id}
    if channel.display_phone_number is not None:
        data["display_phone_number"] = channel.display_phone_number
    return channel.phone_number_id, data


def new_event(
    channel: Channel,
    stream: str,
    name: str,
    data: dict[str, object],
    raw: msgspec.Raw,
    timestamp: Time,
    pointer: str,
    natural_key: Sequence[str],
    version: int = 1,
) -> NewEvent:
    """The event of an item whose sender's time is `timestamp`, else the time received.

    Raises TranslationRefused when the stream's name is too long.
    """
    check_id("the number's, account's or person's id", stream)
    if timestamp is not None:
        data["timestamp"] = timestamp
    data["raw"] = raw
    time_ms = read_time_ms(timestamp)
    return NewEvent(
        stream,
        name,
        version,
        data,
        channel.source.received_at if time_ms is None else as_datetime(time_ms),
        dedupe_key(time_ms or 0, *natural_key),
        pointer,
    )


def fingerprint(raw: msgspec.Raw) -> str:
    """A part of a natural key for items that have no name of their own: what they say."""
    return sha256(canonical(bytes(raw))).hexdigest()
