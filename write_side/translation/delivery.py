"""From the bytes of a verified delivery to new events: one item, one event, none left out."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from events.envelope import IgnoredItem, NewEvent
from write_side.translation.careful import quarantine_whole, translate_carefully
from write_side.translation.channel import Channel, Source, set_number
from write_side.translation.envelope import (
    decode_array,
    decode_envelope,
    decode_metadata,
    decode_object,
)
from write_side.translation.history import CHUNKS, enter_chunk, enter_thread, open_chunk
from write_side.translation.identity import by_id, decode_contacts
from write_side.translation.items import (
    DESCRIBING_KEYS,
    NO_ITEMS,
    as_pointer,
    holds_something,
    is_foreign,
    item_event,
    leftover_event,
)
from write_side.translation.outcome import Translation, conclude
from write_side.translation.refusal import ITEMS_MAX, TooManyItems
from write_side.translation.routes import ARRAYS, IMPORTED, WHOLE, Translator
from write_side.translation.storable import may_hold_a_long_number

__all__ = ["Translation", "translate"]

# A surrogate pair may be right, and the decoder checks it; jsonb refuses every NUL.
ESCAPED_NUL = b"\\u0000"


def translate(body: bytes, received_at: datetime, *, careful: bool = False) -> Translation:
    """All items of a delivery, in their order, as events with pointers and dedupe keys.

    Pure, and never raises for what is in `body`: an item that is broken becomes an
    ItemQuarantined and its neighbours are translated. `careful` goes the slow way, which checks
    every value against what jsonb can hold; it is for a body that the database has refused.
    """
    source = Source(body, received_at)
    try:
        if not careful and ESCAPED_NUL not in body:
            try:
                if not body.isascii():
                    # Values that nobody looks into are passed on without being checked for this.
                    body.decode()
                return translate_quickly(source)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                # Broken outside of an item, or no JSON at all: the slow way saves what can be.
                pass
        return translate_carefully(source)
    except TooManyItems:
        return quarantine_whole(source, f"the body holds more than {ITEMS_MAX} items")


def translate_quickly(source: Source) -> Translation:
    """The way of every delivery that Meta means to send.

    Raises msgspec.DecodeError, UnicodeDecodeError or RecursionError as soon as something outside
    of an item is not as documented, and TooManyItems.
    """
    events: list[NewEvent] = []
    ignored: list[IgnoredItem] = []
    entries = decode_envelope(source.body).entry
    for i, entry in enumerate(entries):
        account_id = entry.id if type(entry.id) is str else str(entry.id)
        for j, change in enumerate(entry.changes):
            channel = Channel(source, account_id, entry.time, change.field)
            pointer = f"/entry/{i}/changes/{j}"
            if len(events) + len(ignored) >= ITEMS_MAX:
                raise TooManyItems
            arrays = ARRAYS.get(change.field)
            if arrays is not None:
                before = len(events)
                translate_items(channel, arrays, change.value, pointer, events)
                if len(events) == before:
                    ignored.append(IgnoredItem(pointer, NO_ITEMS))
            else:
                find_number(channel, change.value)
                refuse_long_numbers(change.value)
                translator = WHOLE.get(change.field)
                if translator is None:
                    events.append(leftover_event("field", channel, change.value, pointer))
                else:
                    place = f"{pointer}/value"
                    events.append(item_event(translator, channel, change.value, place))
        if not entry.changes:
            raise msgspec.ValidationError("an entry without changes")
    if not entries:
        ignored.append(IgnoredItem("/entry", "no entries"))
    return conclude(events, ignored)


def translate_items(
    channel: Channel,
    arrays: Mapping[str, Translator],
    raw_value: msgspec.Raw,
    change: str,
    events: list[NewEvent],
) -> None:
    """Appends the events of the change at the pointer `change`, array by array as sent."""
    value = decode_object(raw_value)
    if (raw := value.get("metadata")) is not None:
        set_number(channel, decode_metadata(raw))
    if (raw := value.get("contacts")) is not None:
        channel.contacts = by_id(decode_contacts(raw))
    if is_foreign(channel.field or "", arrays, value.keys()):
        refuse_long_numbers(raw_value)
        events.append(leftover_event("field", channel, raw_value, change))
        return
    pointer = f"{change}/value"
    for key, raw in value.items():
        if (translator := arrays.get(key)) is not None:
            items = decode_array(raw)
            if len(events) + len(items) > ITEMS_MAX:
                raise TooManyItems
            for k, item in enumerate(items):
                place = f"{pointer}/{key}/{k}"
                if key == CHUNKS:
                    translate_chunk(channel, item, place, events)
                else:
                    refuse_long_numbers(item)
                    events.append(item_event(translator, channel, item, place))
        elif key not in DESCRIBING_KEYS and holds_something(raw):
            refuse_long_numbers(raw)
            events.append(leftover_event(key, channel, raw, f"{pointer}/{as_pointer(key)}"))


def translate_chunk(
    channel: Channel, raw: msgspec.Raw, pointer: str, events: list[NewEvent]
) -> None:
    """Appends the event of a chunk of history, and those of the messages in it."""
    chunk, threads = open_chunk(raw)
    refuse_long_numbers(chunk)
    events.append(item_event(ARRAYS["history"][CHUNKS], channel, chunk, pointer))
    enter_chunk(channel, chunk)
    for t, (thread, messages) in enumerate(threads):
        enter_thread(channel, thread)
        if len(events) + len(messages) > ITEMS_MAX:
            raise TooManyItems
        for m, message in enumerate(messages):
            refuse_long_numbers(message)
            place = f"{pointer}/threads/{t}/messages/{m}"
            events.append(item_event(IMPORTED, channel, message, place))
    enter_chunk(channel, None)


def refuse_long_numbers(raw: msgspec.Raw) -> None:
    """Leaves a delivery with such a number to the slow way. Raises msgspec.DecodeError."""
    if may_hold_a_long_number(raw):
        raise msgspec.DecodeError("a number of very many digits")


def find_number(channel: Channel, value: msgspec.Raw) -> None:
    """Takes the business number of an unknown field, where it names one as `messages` does."""
    try:
        metadata = decode_object(value).get("metadata")
        if metadata is not None:
            set_number(channel, decode_metadata(metadata))
    except msgspec.ValidationError:
        # Account fields may call anything metadata.
        return
