"""What this release does not understand: unknown, or broken. Both are kept and visible."""

import json
from hashlib import sha256

import msgspec

from events.dedupe import dedupe_key
from events.envelope import NewEvent
from write_side.translation.channel import Channel
from write_side.translation.refusal import TranslationRefused, check_id
from write_side.translation.timestamps import as_datetime, read_time_ms


def unrecognised(channel: Channel, what: str, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of an unknown field ("field"), or of an unknown key inside `messages`.

    Raises TranslationRefused when a name is too long to be stored.
    """
    field = channel.field or ""
    check_id("field", field)
    check_id("key", what)
    check_id("the account's or number's id", channel.stream)
    data: dict[str, object] = {"field": field, "what": what, "value": raw}
    if channel.phone_number_id is not None:
        data["phone_number_id"] = channel.phone_number_id
    if channel.account_id:
        data["account_id"] = channel.account_id
    time_ms = read_time_ms(channel.entry_time)
    return NewEvent(
        channel.stream,
        "UnrecognisedChange",
        1,
        data,
        channel.source.received_at if time_ms is None else as_datetime(time_ms),
        dedupe_key(
            time_ms or 0,
            "unrecognised",
            channel.stream,
            field,
            what,
            sha256(canonical(bytes(raw))).hexdigest(),
        ),
        pointer,
    )


def canonical(written: bytes) -> bytes:
    """One way to write a JSON value, so that another order of keys or escaping is no new event.

    FROZEN FOR EVER: dedupe keys are made of it. Keys sorted, no spaces, ASCII with escapes,
    numbers as the texts that were sent.
    """
    value = json.loads(written, parse_int=str, parse_float=str, parse_constant=str)
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def quarantined(
    channel: Channel,
    reason: str,
    raw: msgspec.Raw | str | None,
    pointer: str,
    *,
    escaped: bool = False,
) -> NewEvent:
    """The event of an item that can't be translated, in the stream of its number or account."""
    data: dict[str, object] = {"reason": reason}
    if channel.field:
        data["field"] = channel.field
    if raw is not None:
        data["raw"] = raw
    if escaped:
        data["escaped"] = True
    stream = channel.stream
    try:
        check_id("stream", stream)
        check_id("field", channel.field or "")
    except TranslationRefused:
        stream = "account:"
        data.pop("field", None)
    return NewEvent(
        stream,
        "ItemQuarantined",
        1,
        data,
        channel.source.received_at,
        dedupe_key(0, "quarantined", channel.source.sha256, pointer),
        pointer,
    )
