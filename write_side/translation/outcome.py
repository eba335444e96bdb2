"""What a translation comes to."""

import msgspec

from events.envelope import IgnoredItem, NewEvent

KEY_TIME_DIGITS = 12


class Translation(msgspec.Struct):
    """The events of one delivery, in the order of its items.

    `key_time_ms` is the key time of the first item (0 when there is none), which makes the
    delivery's own key sort beside its events' keys. `outcome` is "quarantined" when nothing
    could be translated, "ignored" when there was nothing, else "stored".
    """

    events: list[NewEvent]
    ignored: list[IgnoredItem]
    key_time_ms: int
    outcome: str


def conclude(events: list[NewEvent], ignored: list[IgnoredItem]) -> Translation:
    if not events:
        return Translation(events, ignored, 0, "ignored")
    key_time_ms = int(events[0].dedupe[:KEY_TIME_DIGITS], 16)
    for event in events:
        if event.type != "ItemQuarantined":
            return Translation(events, ignored, key_time_ms, "stored")
    return Translation(events, ignored, key_time_ms, "quarantined")
