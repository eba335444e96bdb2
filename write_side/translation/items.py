"""What one item becomes, and which parts of a value are items."""

from collections.abc import Iterable, Set

import msgspec

from events.envelope import NewEvent
from write_side.translation.channel import Channel
from write_side.translation.leftovers import quarantined, unrecognised
from write_side.translation.refusal import TranslationRefused
from write_side.translation.routes import MESSAGES, Translator

# These say to whom the items belong and are no items themselves.
DESCRIBING_KEYS = frozenset({"messaging_product", "metadata", "contacts"})

NO_ITEMS = "no messages, statuses or other items"


def item_event(translate: Translator, channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of an item; quarantined when it is broken."""
    try:
        return translate(channel, raw, pointer)
    except (msgspec.ValidationError, TranslationRefused) as refusal:
        return quarantined(channel, str(refusal), raw, pointer)


def leftover_event(what: str, channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of an unknown field or key; quarantined when even its name can't be stored."""
    try:
        return unrecognised(channel, what, raw, pointer)
    except TranslationRefused as refusal:
        return quarantined(channel, str(refusal), raw, pointer)


def is_foreign(field: str, arrays: Iterable[str], keys: Set[str]) -> bool:
    """Whether a known field holds none of what it is known for, and is unrecognised as a whole.

    `messages` is taken apart whatever it holds: senders of test traffic put single keys into it.
    """
    return field != MESSAGES and keys.isdisjoint(arrays) and not keys <= DESCRIBING_KEYS


def holds_something(raw: msgspec.Raw) -> bool:
    """Whether this is an array or object with something in it, so that it counts as an item."""
    written = bytes(raw)
    return written[:1] in (b"[", b"{") and bool(written[1:-1].strip())


def as_pointer(key: str) -> str:
    """A key as a part of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
