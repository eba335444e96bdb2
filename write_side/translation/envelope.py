"""The outside of a delivery, down to its items, which stay undecoded.

Each level is decoded by itself, so that an item of an unknown or broken shape costs nobody
else anything. Source: Cloud API webhooks reference, "Webhook payload structure", read May 2026.
"""

import msgspec


class Change(msgspec.Struct, gc=False):
    field: str
    value: msgspec.Raw


class Entry(msgspec.Struct, gc=False):
    changes: list[Change]
    id: str | int = ""
    time: int | str | None = None


class Envelope(msgspec.Struct, gc=False):
    entry: list[Entry]


class Metadata(msgspec.Struct, gc=False):
    """The business phone number that a change belongs to."""

    phone_number_id: str | int | None = None
    display_phone_number: str | None = None


decode_envelope = msgspec.json.Decoder(Envelope).decode
decode_metadata = msgspec.json.Decoder(Metadata).decode
decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
