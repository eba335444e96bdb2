"""Fields about an account, a number or a template: the change as a whole is the item.

Few keys are read, and none has to be there or to be of a type, since Meta adds such fields often;
`raw` has them all. Source: Cloud API webhooks reference, read May 2026, and public samples.
"""

import msgspec

from events.envelope import NewEvent
from write_side.translation.channel import Channel
from write_side.translation.content import errors
from write_side.translation.envelope import decode_object
from write_side.translation.facts import fingerprint, new_event
from write_side.translation.refusal import check_id
from write_side.translation.shapes import MetaError
from write_side.translation.values import Time, without_nulls

decode_word = msgspec.json.Decoder(str | int).decode
decode_error = msgspec.json.Decoder(MetaError).decode


def account_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of a change of an account or a number.

    Raises msgspec.ValidationError or TranslationRefused when it is no object.
    """
    value = decode_object(raw)
    number = channel.phone_number_id or word(
        member(value, "phone_number_settings"), "phone_number_id"
    )
    data = account_data(channel)
    data |= without_nulls(
        phone_number_id=number,
        display_phone_number=word(value, "display_phone_number") or word(value, "phone_number"),
        event=word(value, "event"),
        decision=word(value, "decision"),
        shared_account_id=word(member(value, "waba_info"), "waba_id"),
    )
    time = entry_time(channel) or word(value, "timestamp")
    return change(channel, number or channel.stream, "AccountUpdated", data, raw, time, pointer)


def template_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of a change of a template; its id is a number in Meta's JSON.

    Raises msgspec.ValidationError or TranslationRefused when it is no object.
    """
    value = decode_object(raw)
    data = account_data(channel)
    data |= without_nulls(
        template_id=word(value, "message_template_id"),
        name=word(value, "message_template_name"),
        language=word(value, "message_template_language"),
        event=word(value, "event"),
        reason=word(value, "reason"),
        category=word(value, "new_category") or word(value, "message_template_category"),
        previous_category=word(value, "previous_category"),
        correct_category=word(value, "correct_category"),
        quality=word(value, "new_quality_score"),
        previous_quality=word(value, "previous_quality_score"),
    )
    time = entry_time(channel)
    return change(channel, channel.stream, "TemplateChanged", data, raw, time, pointer)


def error_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of an item of `errors` beside the messages, which has neither id nor time.

    The same error may happen again, so one is named by its delivery. Raises
    msgspec.ValidationError or TranslationRefused when it can't be an error.
    """
    error = errors([decode_error(raw)])[0]
    data = account_data(channel) | {"error": error}
    if channel.display_phone_number is not None:
        data["display_phone_number"] = channel.display_phone_number
    return new_event(
        channel,
        channel.stream,
        "ChannelErrorReported",
        data,
        raw,
        entry_time(channel),
        pointer,
        ("error", channel.source.sha256, pointer),
    )


def account_data(channel: Channel) -> dict[str, object]:
    data: dict[str, object] = {"field": channel.field or ""}
    if channel.account_id:
        data["account_id"] = channel.account_id
    if channel.phone_number_id is not None:
        data["phone_number_id"] = channel.phone_number_id
    return data


def change(
    channel: Channel,
    stream: str,
    name: str,
    data: dict[str, object],
    raw: msgspec.Raw,
    time: Time,
    pointer: str,
) -> NewEvent:
    """The event of a change, which what it says tells from others of the same second."""
    key = ("change", channel.account_id, channel.field or "", str(time), fingerprint(raw))
    return new_event(channel, stream, name, data, raw, time, pointer, key)


def entry_time(channel: Channel) -> Time:
    return channel.entry_time if isinstance(channel.entry_time, (int, str)) else None


def member(value: dict[str, msgspec.Raw], key: str) -> dict[str, msgspec.Raw]:
    """The object under a key, an empty one where there is none."""
    try:
        return decode_object(value[key])
    except (KeyError, msgspec.ValidationError):
        return {}


def word(value: dict[str, msgspec.Raw], key: str) -> str | None:
    """The text or number under a key, as text. Raises TranslationRefused when it is over-long."""
    try:
        written = str(decode_word(value[key]))
    except (KeyError, msgspec.ValidationError):
        return None
    if key != "reason":
        check_id(key, written)
    return written
