"""Messages that may come from the business: echoes of the phone app, and its imported history.

Source: Cloud API webhooks reference, "smb_message_echoes" and "history", read 2026-11-22; public
samples for what the echoes of edits look like.
"""

import msgspec

from events.envelope import NewEvent
from write_side.translation.amendments import AMENDMENTS
from write_side.translation.channel import Channel, digits
from write_side.translation.content import fill_content
from write_side.translation.facts import new_event, number_of
from write_side.translation.identity import fill_person, stream_of
from write_side.translation.messages import implied_type, read_message
from write_side.translation.refusal import check_id, required_id
from write_side.translation.shapes import Message

PHONE_APP = "phone app"


class HistoryContext(msgspec.Struct, gc=False):
    status: str | None = None


class Addressing(msgspec.Struct, gc=False):
    """What such a message has beyond one that a person sent."""

    to: str | None = None
    to_user_id: str | None = None
    to_parent_user_id: str | None = None
    history_context: HistoryContext | None = None


Ids = tuple[str | None, str | None, str | None]
"""A person's phone, user id and parent user id."""

decode_addressing = msgspec.json.Decoder(Addressing).decode


def echo_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of a message that the business sent from its phone app, or changed there.

    Raises msgspec.ValidationError or TranslationRefused when the item can't be a message.
    """
    message = read_message(raw)
    phone_number_id, data = number_of(channel)
    person = other_side(channel, message, decode_addressing(raw), outgoing=True)
    stream, name = fill_message(data, channel, message, person)
    data["author"] = PHONE_APP
    return new_event(
        channel,
        stream,
        name or "MessageSent",
        data,
        raw,
        message.timestamp,
        pointer,
        ("echo", phone_number_id, required_id("id", message.id)),
    )


def imported_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of a message out of the history, in the thread that `channel` names.

    A file comes later, under the same id as its placeholder and with its real type, so the type
    is part of the key. Raises as `echo_event` does.
    """
    message = read_message(raw)
    phone_number_id, data = number_of(channel)
    address = decode_addressing(raw)
    outgoing = is_outgoing(channel, message, address)
    person = other_side(channel, message, address, outgoing=outgoing)
    stream, name = fill_message(data, channel, message, person)
    if name is None:
        data["direction"] = "outgoing" if outgoing else "incoming"
        if address.history_context is not None and address.history_context.status is not None:
            data["history_status"] = address.history_context.status
        if channel.phase is not None:
            data["phase"] = channel.phase
    elif outgoing:
        data["author"] = PHONE_APP
    message_type = message.type or implied_type(message)
    return new_event(
        channel,
        stream,
        name or "MessageImported",
        data,
        raw,
        message.timestamp,
        pointer,
        ("history", phone_number_id, required_id("id", message.id), message_type),
    )


def is_outgoing(channel: Channel, message: Message, address: Addressing) -> bool:
    """Whether the business sent it: a recipient stands in an echo only, or nowhere at all."""
    if channel.is_number(message.from_):
        return True
    if address.to or address.to_user_id:
        return not channel.is_number(address.to)
    # Without the business's number to compare with: a thread is named after the person.
    if channel.display_phone_number or not (message.from_ and channel.thread):
        return False
    return channel.thread.isdigit() and digits(message.from_) != channel.thread


def other_side(channel: Channel, message: Message, address: Addressing, *, outgoing: bool) -> Ids:
    """The person: the recipient of what the business sent, else the sender."""
    sender = (message.from_, message.from_user_id, message.from_parent_user_id)
    recipient = (address.to, address.to_user_id, address.to_parent_user_id)
    person, business = (recipient, sender) if outgoing else (sender, recipient)
    # Some samples turn them round.
    if channel.is_number(person[0]):
        person = business
    if not any(person) and channel.thread:
        person = (
            (channel.thread, None, None)
            if channel.thread.isdigit()
            else (None, channel.thread, None)
        )
    return person


def fill_message(
    data: dict[str, object], channel: Channel, message: Message, person: Ids
) -> tuple[str, str | None]:
    """Fills in what is common; gives the stream, and the event's name when it is an amendment."""
    data["message_id"] = required_id("id", message.id)
    wa_id, user_id, parent_user_id = person
    if message.group_id:
        data["group_id"] = message.group_id
    fill_person(data, channel.contacts, wa_id, user_id, parent_user_id)
    message_type = message.type or implied_type(message)
    check_id("type", message_type)
    name = None
    if message_type in AMENDMENTS:
        name, fill = AMENDMENTS[message_type]
        fill(data, message)
    else:
        data["message_type"] = message_type
        fill_content(data, message)
    return stream_of(str(channel.phone_number_id), message.group_id, user_id, wa_id), name
