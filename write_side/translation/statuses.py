"""One item of `statuses` becomes one StatusChanged, whatever the status is called.

Source: Cloud API webhooks reference, "statuses", read May 2026.
"""

import msgspec

from events.dedupe import dedupe_key
from events.envelope import NewEvent
from write_side.translation.channel import Channel
from write_side.translation.content import errors
from write_side.translation.identity import fill_person, stream_of
from write_side.translation.refusal import ID_BYTES_MAX, TranslationRefused, check_id, required_id
from write_side.translation.shapes import MetaError
from write_side.translation.timestamps import as_datetime, read_time_ms
from write_side.translation.values import NULL, Time, as_object


class Origin(msgspec.Struct, gc=False):
    type: str | None = None


class BilledConversation(msgspec.Struct, gc=False):
    id: str | None = None
    origin: Origin | str | None = None
    expiration_timestamp: Time = None


class Status(msgspec.Struct, gc=False):
    id: str | None = None
    status: str | None = None
    timestamp: Time = None
    recipient_id: str | None = None
    recipient_type: str | None = None
    recipient_user_id: str | None = None
    # One thing under three names: the first is today's, since 2026-05-05.
    recipient_parent_user_id: str | None = None
    parent_recipient_user_id: str | None = None
    parent_user_id: str | None = None
    recipient_participant_id: str | None = None
    recipient_participant_user_id: str | None = None
    recipient_participant_parent_user_id: str | None = None
    errors: list[MetaError] | None = None
    pricing: msgspec.Raw = NULL
    conversation: BilledConversation | None = None
    biz_opaque_callback_data: str | None = None


decode_status = msgspec.json.Decoder(Status).decode


def status_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of one status.

    Raises msgspec.ValidationError or TranslationRefused when the item can't be a status.
    """
    item = decode_status(raw)
    phone_number_id = channel.phone_number_id
    if phone_number_id is None:
        raise TranslationRefused("metadata.phone_number_id is missing")
    message_id = required_id("id", item.id)
    status = required_id("status", item.status)
    data: dict[str, object] = {
        "message_id": message_id,
        "phone_number_id": phone_number_id,
        "status": status,
    }
    if channel.display_phone_number is not None:
        data["display_phone_number"] = channel.display_phone_number

    participant = ""
    if item.recipient_type == "group":
        stream = stream_of(phone_number_id, item.recipient_id, None, None)
        participant = fill_group(data, channel, item)
    else:
        stream = stream_of(phone_number_id, None, item.recipient_user_id, item.recipient_id)
        fill_person(
            data,
            channel.contacts,
            item.recipient_id,
            item.recipient_user_id,
            item.recipient_parent_user_id or item.parent_recipient_user_id or item.parent_user_id,
        )
    if len(stream) + len(participant) > ID_BYTES_MAX or not stream.isascii():
        check_id("the business number's or recipient's id", stream)
        check_id("the participant's id", participant)
    if item.timestamp is not None:
        data["timestamp"] = item.timestamp
    fill_outcome(data, item)
    data["raw"] = raw
    time_ms = read_time_ms(item.timestamp)
    return NewEvent(
        stream,
        "StatusChanged",
        1,
        data,
        channel.source.received_at if time_ms is None else as_datetime(time_ms),
        dedupe_key(time_ms or 0, "status", phone_number_id, message_id, status, participant),
        pointer,
    )


def fill_group(data: dict[str, object], channel: Channel, item: Status) -> str:
    """Group and member; gives the participant that the dedupe key speaks of, "" when none is.

    The contact beside a group's status is the member, so names are theirs and ids go under the
    participant's keys.
    """
    if item.recipient_id:
        data["group_id"] = item.recipient_id
    person: dict[str, object] = {}
    fill_person(
        person,
        channel.contacts,
        item.recipient_participant_id,
        item.recipient_participant_user_id,
        item.recipient_participant_parent_user_id,
    )
    for key in ("wa_id", "user_id", "parent_user_id"):
        if key in person:
            data[f"participant_{key}"] = person.pop(key)
    data |= person
    participant = item.recipient_participant_user_id or item.recipient_participant_id or ""
    if participant:
        data["participant"] = participant
    return participant


def fill_outcome(data: dict[str, object], item: Status) -> None:
    """Errors, price, billing window, and the text that was given when sending."""
    if item.errors:
        data["errors"] = errors(item.errors)
    if item.pricing is not NULL:
        pricing = as_object("pricing", item.pricing)
        if pricing is not None:
            data["pricing"] = pricing
    window = item.conversation
    if window is not None:
        billed: dict[str, object] = {}
        if window.id is not None:
            billed["id"] = window.id
        origin = window.origin.type if isinstance(window.origin, Origin) else window.origin
        if origin is not None:
            billed["origin"] = origin
        if window.expiration_timestamp is not None:
            billed["expiration_timestamp"] = window.expiration_timestamp
        data["conversation"] = billed
    if item.biz_opaque_callback_data is not None:
        data["callback_data"] = item.biz_opaque_callback_data
