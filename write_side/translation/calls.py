"""Calls: what happens in them, and how those that the business makes are going.

Source: Cloud API calling webhooks, read May 2026, and public samples.
"""

import re

import msgspec

from events.catalogue import CallChanged
from events.envelope import NewEvent
from write_side.translation.channel import Channel
from write_side.translation.content import errors, media
from write_side.translation.facts import new_event, number_of
from write_side.translation.identity import fill_person, stream_of
from write_side.translation.refusal import required_id
from write_side.translation.shapes import Media, MetaError
from write_side.translation.values import Time, without_nulls

BY_BUSINESS = "BUSINESS_INITIATED"
SECONDS = re.compile("[0-9]{1,9}")


class Artifact(msgspec.Struct, gc=False):
    """A recording or a transcript: a file under the key of its type."""

    audio: Media | None = None
    video: Media | None = None
    document: Media | None = None


class Call(msgspec.Struct, gc=False, rename={"from_": "from"}):
    id: str | None = None
    event: str | None = None
    timestamp: Time = None
    direction: str | None = None
    status: str | None = None
    start_time: Time = None
    end_time: Time = None
    duration: int | str | None = None
    biz_opaque_callback_data: str | None = None
    errors: list[MetaError] | None = None
    call_recording: Artifact | None = None
    call_transcript: Artifact | None = None
    from_: str | None = None
    from_user_id: str | None = None
    from_parent_user_id: str | None = None
    to: str | None = None
    to_user_id: str | None = None
    to_parent_user_id: str | None = None


class CallStatus(msgspec.Struct, gc=False):
    id: str | None = None
    status: str | None = None
    timestamp: Time = None
    recipient_id: str | None = None
    recipient_user_id: str | None = None
    recipient_parent_user_id: str | None = None
    biz_opaque_callback_data: str | None = None
    errors: list[MetaError] | None = None


decode_call = msgspec.json.Decoder(Call).decode
decode_call_status = msgspec.json.Decoder(CallStatus).decode


def call_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of an item of `calls`.

    Raises msgspec.ValidationError or TranslationRefused when it can't be one.
    """
    call = decode_call(raw)
    phone_number_id, data = number_of(channel)
    call_id, step = required_id("id", call.id), required_id("event", call.event)
    caller = (call.from_, call.from_user_id, call.from_parent_user_id)
    called = (call.to, call.to_user_id, call.to_parent_user_id)
    person, business = (called, caller) if call.direction == BY_BUSINESS else (caller, called)
    if channel.is_number(person[0]):
        person = business
    wa_id, user_id, parent_user_id = person
    fill_person(data, channel.contacts, wa_id, user_id, parent_user_id)
    data |= without_nulls(
        call_id=call_id,
        step=step,
        outcome=call.status,
        direction=call.direction,
        start_time=call.start_time,
        end_time=call.end_time,
        duration_s=_seconds(call.duration),
        callback_data=call.biz_opaque_callback_data,
    )
    artifact = call.call_recording or call.call_transcript or Artifact()
    file = artifact.audio or artifact.video or artifact.document
    if file is not None:
        data["media"] = media(file)
    if call.errors:
        data["errors"] = errors(call.errors)
    return new_event(
        channel,
        stream_of(phone_number_id, None, user_id, wa_id),
        "CallChanged",
        data,
        raw,
        call.timestamp,
        pointer,
        ("call", phone_number_id, call_id, step),
        CallChanged.version,
    )


def call_status_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of an item of `statuses` in the field `calls`. Raises as `call_event` does."""
    call = decode_call_status(raw)
    phone_number_id, data = number_of(channel)
    call_id, status = required_id("id", call.id), required_id("status", call.status)
    fill_person(
        data,
        channel.contacts,
        call.recipient_id,
        call.recipient_user_id,
        call.recipient_parent_user_id,
    )
    data |= without_nulls(call_id=call_id, step=status, callback_data=call.biz_opaque_callback_data)
    if call.errors:
        data["errors"] = errors(call.errors)
    return new_event(
        channel,
        stream_of(phone_number_id, None, call.recipient_user_id, call.recipient_id),
        "CallChanged",
        data,
        raw,
        call.timestamp,
        pointer,
        ("call status", phone_number_id, call_id, status),
        CallChanged.version,
    )


def _seconds(sent: int | str | None) -> int | None:
    """As the upcaster reads what the first version kept; `raw` has what is neither."""
    if isinstance(sent, str):
        return int(sent) if SECONDS.fullmatch(sent) else None
    return sent
