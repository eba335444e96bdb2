"""One item of `messages` becomes one event.

Reactions, edits, revocations and system changes are events of their own; every other type,
known or not, is a MessageReceived with the type verbatim.
"""

import msgspec

from events.dedupe import dedupe_key
from events.envelope import NewEvent
from write_side.translation.amendments import AMENDMENTS
from write_side.translation.channel import Channel
from write_side.translation.content import fill_content
from write_side.translation.identity import fill_person, stream_of
from write_side.translation.refusal import ID_BYTES_MAX, TranslationRefused, check_id, required_id
from write_side.translation.shapes import Header, Message
from write_side.translation.system import identity_change
from write_side.translation.timestamps import as_datetime, read_time_ms

decode_message = msgspec.json.Decoder(Message).decode
decode_header = msgspec.json.Decoder(Header).decode

CONTENT_TYPES = (
    *("text", "image", "video", "audio", "voice", "document", "sticker", "location", "contacts"),
    *("interactive", "button", "order", "reaction", "edit", "revoke", "system"),
)
KNOWN_TYPES = frozenset({*CONTENT_TYPES, "unsupported", "unknown"})


def message_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of one message.

    Raises msgspec.ValidationError or TranslationRefused when the item can't be a message.
    """
    message = read_message(raw)
    phone_number_id = channel.phone_number_id
    if phone_number_id is None:
        raise TranslationRefused("metadata.phone_number_id is missing")
    message_id = required_id("id", message.id)
    message_type = message.type or implied_type(message)
    data: dict[str, object] = {"message_id": message_id, "phone_number_id": phone_number_id}
    if channel.display_phone_number is not None:
        data["display_phone_number"] = channel.display_phone_number

    name = "MessageReceived"
    if message_type == "system":
        name = "ContactIdentityChanged"
        stream = identity_change(data, message, phone_number_id)
    else:
        stream = stream_of(phone_number_id, message.group_id, message.from_user_id, message.from_)
        if message.group_id:
            data["group_id"] = message.group_id
        fill_person(
            data,
            channel.contacts,
            message.from_,
            message.from_user_id,
            message.from_parent_user_id,
        )
        amendment = AMENDMENTS.get(message_type)
        if amendment is not None:
            name, fill = amendment
            fill(data, message)
        else:
            data["message_type"] = message_type
            fill_content(data, message)

    if len(stream) + len(message_type) > ID_BYTES_MAX or not stream.isascii():
        check_id("the business number's or sender's id", stream)
        check_id("type", message_type)
    if message.timestamp is not None:
        data["timestamp"] = message.timestamp
    data["raw"] = raw
    time_ms = read_time_ms(message.timestamp)
    return NewEvent(
        stream,
        name,
        1,
        data,
        channel.source.received_at if time_ms is None else as_datetime(time_ms),
        dedupe_key(time_ms or 0, "message", phone_number_id, message_id),
        pointer,
    )


def read_message(raw: msgspec.Raw) -> Message:
    """Decodes an item; of an unknown type only what all messages have.

    A type that comes later may use a known key in another shape, and must not fail for it.
    """
    try:
        return decode_message(raw)
    except msgspec.ValidationError:
        header = decode_header(raw)
        if not header.type or header.type in KNOWN_TYPES:
            raise
        return Message(**msgspec.structs.asdict(header))


def implied_type(message: Message) -> str:
    """The type by the key that is there: the documentation's own locations come without one.

    Raises TranslationRefused.
    """
    for key in CONTENT_TYPES:
        if getattr(message, key) is not None:
            return key
    raise TranslationRefused("type is missing")
