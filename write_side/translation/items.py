"""Which arrays of a `messages` change hold items, and what one item becomes."""

from collections.abc import Callable

import msgspec

from events.envelope import NewEvent
from write_side.translation.channel import Channel
from write_side.translation.leftovers import quarantined, unrecognised
from write_side.translation.messages import message_event
from write_side.translation.refusal import TranslationRefused
from write_side.translation.statuses import status_event

MESSAGES = "messages"
"""The one field whose items are understood in this release."""

TRANSLATORS: dict[str, Callable[[Channel, msgspec.Raw, str], NewEvent]] = {
    "messages": message_event,
    "statuses": status_event,
}

# These say to whom the items belong and are no items themselves.
DESCRIBING_KEYS = frozenset({"messaging_product", "metadata", "contacts"})

NO_ITEMS = "no messages, statuses or other items"


def item_event(key: str, channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of an item of `messages` or `statuses`; quarantined when it is broken."""
    try:
        return TRANSLATORS[key](channel, raw, pointer)
    except (msgspec.ValidationError, TranslationRefused) as refusal:
        return quarantined(channel, str(refusal), raw, pointer)


def leftover_event(what: str, channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of an unknown field or key; quarantined when even its name can't be stored."""
    try:
        return unrecognised(channel, what, raw, pointer)
    except TranslationRefused as refusal:
        return quarantined(channel, str(refusal), raw, pointer)


def holds_something(raw: msgspec.Raw) -> bool:
    """Whether this is an array or object with something in it, so that it counts as an item."""
    written = bytes(raw)
    return written[:1] in (b"[", b"{") and bool(written[1:-1].strip())


def as_pointer(key: str) -> str:
    """A key as a part of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
