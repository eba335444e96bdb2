"""Takes a parsed delivery apart, level by level, trusting nothing about its shape."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from events.envelope import IgnoredItem, NewEvent
from write_side.translation.careful_history import take_chunk
from write_side.translation.careful_reading import as_id, as_time, is_messages, take_number
from write_side.translation.channel import Channel, Source
from write_side.translation.history import CHUNKS
from write_side.translation.identity import Contact, EscapedContact, by_id
from write_side.translation.items import (
    DESCRIBING_KEYS,
    NO_ITEMS,
    as_pointer,
    is_foreign,
    item_event,
    leftover_event,
)
from write_side.translation.leftovers import quarantined
from write_side.translation.refusal import ITEMS_MAX, TooManyItems
from write_side.translation.routes import ARRAYS, MESSAGES, WHOLE, Translator
from write_side.translation.storable import Number, escape, write

What = TypeVar("What")

TOO_DEEP = "nested too deep"

decode_contact = msgspec.json.Decoder(Contact).decode
decode_escaped_contact = msgspec.json.Decoder(EscapedContact).decode


class CarefulWalk:
    """One walk through one delivery; collects its events and what it ignores.

    Raises TooManyItems as soon as there are more than any delivery of Meta's has.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.events: list[NewEvent] = []
        self.ignored: list[IgnoredItem] = []

    def take_entries(self, entries: list[object]) -> None:
        for i, entry in enumerate(entries):
            self.take_entry(entry, f"/entry/{i}")
        if not entries:
            self.ignore("/entry", "no entries")

    def take_entry(self, entry: object, pointer: str) -> None:
        channel = Channel(self.source, "", None, None)
        if not isinstance(entry, dict):
            self.quarantine(channel, "an entry that is not an object", entry, pointer)
            return
        channel.account_id = as_id(entry.get("id"))
        channel.entry_time = as_time(entry.get("time"))
        changes = entry.get("changes")
        if isinstance(changes, list) and changes:
            for j, change in enumerate(changes):
                self.take_change(channel, change, f"{pointer}/changes/{j}")
        elif changes or entry.keys() - {"id", "time", "changes"}:
            self.quarantine(channel, "an entry without an array `changes`", entry, pointer)
        else:
            self.ignore(pointer, "no changes")

    def take_change(self, entry: Channel, change: object, pointer: str) -> None:
        if not isinstance(change, dict):
            self.quarantine(entry, "a change that is not an object", change, pointer)
            return
        field, value = change.get("field"), change.get("value")
        if field is None and (not value or is_messages(value)):
            # Some senders of test traffic leave the name out.
            field = MESSAGES
        if not isinstance(field, str) or isinstance(field, Number):
            self.quarantine(entry, "a change without the name of its field", change, pointer)
            return
        channel = Channel(self.source, entry.account_id, entry.entry_time, escape(field))
        if isinstance(value, dict):
            take_number(channel, value.get("metadata"))
        arrays, whole = ARRAYS.get(field), WHOLE.get(field)
        if whole is not None:
            self.take(item_event, whole, channel, value, f"{pointer}/value")
        elif arrays is None:
            self.take(leftover_event, "field", channel, value, pointer)
        elif isinstance(value, dict):
            self.take_items(channel, arrays, value, pointer)
        elif value:
            self.quarantine(channel, "a value that is not an object", change, pointer)
        else:
            self.ignore(pointer, NO_ITEMS)

    def take_items(
        self,
        channel: Channel,
        arrays: Mapping[str, Translator],
        value: dict[str, object],
        pointer: str,
    ) -> None:
        before = len(self.events)
        channel.contacts = by_id(self.contacts(value.get("contacts"), f"{pointer}/value/contacts"))
        if is_foreign(channel.field or "", arrays, value.keys()):
            self.take(leftover_event, "field", channel, value, pointer)
            return
        for key, items in value.items():
            name = escape(key)
            place = f"{pointer}/value/{as_pointer(name)}"
            if key in arrays:
                if isinstance(items, list):
                    for k, item in enumerate(items):
                        if key == CHUNKS:
                            take_chunk(self, channel, item, f"{place}/{k}")
                        else:
                            self.take(item_event, arrays[key], channel, item, f"{place}/{k}")
                elif items is not None:
                    self.quarantine(channel, f"{key} is not an array", items, place)
            elif key not in DESCRIBING_KEYS and isinstance(items, (list, dict)) and items:
                self.take(leftover_event, name, channel, items, place)
        if len(self.events) == before:
            self.ignore(pointer, NO_ITEMS)

    def take(
        self,
        become: Callable[[What, Channel, msgspec.Raw, str], NewEvent],
        what: What,
        channel: Channel,
        item: object,
        pointer: str,
    ) -> None:
        """Appends the one event of one item, whatever the item is."""
        try:
            written = write(item)
            if written.problem is not None:
                self.quarantine(channel, written.problem, item, pointer)
                return
            event = become(what, channel, written.raw, pointer)
        except RecursionError:
            self.add(quarantined(channel, TOO_DEEP, None, pointer))
            return
        if written.escaped and isinstance(event.data, dict):
            event.data["escaped"] = True
        self.add(event)

    def quarantine(self, channel: Channel, reason: str, item: object, pointer: str) -> None:
        """Appends an ItemQuarantined with the item as JSON, or as text where jsonb refuses it."""
        try:
            written = write(item)
        except RecursionError:
            self.add(quarantined(channel, TOO_DEEP, None, pointer))
            return
        raw = written.raw if written.problem is None else written.text
        self.add(quarantined(channel, reason, raw, pointer, escaped=written.escaped))

    def add(self, event: NewEvent) -> None:
        self.events.append(event)
        self.stop_at_the_limit()

    def ignore(self, pointer: str, reason: str) -> None:
        self.ignored.append(IgnoredItem(pointer, reason))
        self.stop_at_the_limit()

    def stop_at_the_limit(self) -> None:
        if len(self.events) + len(self.ignored) > ITEMS_MAX:
            raise TooManyItems

    def contacts(self, contacts: object, pointer: str) -> list[Contact]:
        """The contacts that can be read. The others are no items: their messages stand alone."""
        if contacts is None:
            return []
        if not isinstance(contacts, list):
            self.ignore(pointer, "contacts that are not an array")
            return []
        readable: list[Contact] = []
        for k, contact in enumerate(contacts):
            try:
                written = write(contact)
                decode = decode_escaped_contact if written.escaped else decode_contact
                readable.append(decode(written.raw))
            except (msgspec.DecodeError, RecursionError):
                self.ignore(f"{pointer}/{k}", "a contact of unknown shape")
        return readable
