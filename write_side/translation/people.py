"""What is told of people outside of messages: preferences, new user ids, the app's address book.

Source: Cloud API webhooks reference, "user_preferences", "user_id_update" (until 2026-08-11) and
"smb_app_state_sync", read 2026-11-22.
"""

import msgspec

from events.envelope import NewEvent
from write_side.translation.channel import Channel, digits
from write_side.translation.facts import new_event, number_of
from write_side.translation.identity import fill_person, stream_of
from write_side.translation.leftovers import unrecognised
from write_side.translation.refusal import TranslationRefused, check_id, required_id
from write_side.translation.values import Time, without_nulls


class Preference(msgspec.Struct, gc=False):
    wa_id: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None
    category: str | None = None
    value: str | None = None
    detail: str | None = None
    signup_id: str | None = None
    timestamp: Time = None


class Replacement(msgspec.Struct, gc=False):
    previous: str | None = None
    current: str | None = None


class UserIdUpdate(msgspec.Struct, gc=False):
    wa_id: str | None = None
    user_id: Replacement | None = None
    parent_user_id: Replacement | None = None
    timestamp: Time = None


class AppContact(msgspec.Struct, gc=False):
    phone_number: str | None = None
    user_id: str | None = None
    username: str | None = None
    full_name: str | None = None
    first_name: str | None = None


class SyncMetadata(msgspec.Struct, gc=False):
    timestamp: Time = None


class StateSync(msgspec.Struct, gc=False):
    type: str | None = None
    action: str | None = None
    contact: AppContact | None = None
    metadata: SyncMetadata | None = None


decode_preference = msgspec.json.Decoder(Preference).decode
decode_user_id_update = msgspec.json.Decoder(UserIdUpdate).decode
decode_state_sync = msgspec.json.Decoder(StateSync).decode


def preference_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of an item of `user_preferences`.

    Raises msgspec.ValidationError or TranslationRefused when it can't be one.
    """
    item = decode_preference(raw)
    phone_number_id, data = number_of(channel)
    category = required_id("category", item.category)
    value = required_id("value", item.value)
    fill_person(data, channel.contacts, item.wa_id, item.user_id, item.parent_user_id)
    data |= without_nulls(
        category=category, value=value, detail=item.detail, signup_id=item.signup_id
    )
    stream = stream_of(phone_number_id, None, item.user_id, item.wa_id)
    key = ("preference", stream, category, value, str(item.timestamp))
    return new_event(
        channel,
        stream,
        "MarketingPreferenceChanged",
        data,
        raw,
        item.timestamp,
        pointer,
        key,
    )


def user_id_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of an item of `user_id_update`, the same as of such a system message.

    Raises msgspec.ValidationError or TranslationRefused when it can't be one.
    """
    item = decode_user_id_update(raw)
    phone_number_id, data = number_of(channel)
    user_id = item.user_id or Replacement()
    parent = item.parent_user_id or Replacement()
    ids = without_nulls(
        old_wa_id=item.wa_id,
        old_user_id=user_id.previous,
        new_user_id=user_id.current,
        old_parent_user_id=parent.previous,
        new_parent_user_id=parent.current,
    )
    for name, value in ids.items():
        check_id(name, str(value))
    if not (user_id.previous or user_id.current):
        raise TranslationRefused("user_id is missing")
    data |= {"kind": "user_id_update", **ids}
    return new_event(
        channel,
        stream_of(phone_number_id, None, user_id.previous or user_id.current, item.wa_id),
        "ContactIdentityChanged",
        data,
        raw,
        item.timestamp,
        pointer,
        ("user id", phone_number_id, user_id.previous or "", user_id.current or ""),
    )


def app_contact_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of an item of `state_sync`; unrecognised when it is about no contact.

    Raises msgspec.ValidationError or TranslationRefused when it can't be one.
    """
    item = decode_state_sync(raw)
    if item.type != "contact":
        return unrecognised(channel, "state_sync", raw, pointer)
    phone_number_id, data = number_of(channel)
    action = required_id("action", item.action)
    contact = item.contact or AppContact()
    phone = digits(contact.phone_number or "")
    if not (phone or contact.user_id):
        raise TranslationRefused("contact.phone_number is missing")
    fill_person(data, channel.contacts, phone, contact.user_id, None)
    data |= without_nulls(action=action, full_name=contact.full_name, first_name=contact.first_name)
    if contact.username is not None:
        data["username"] = contact.username
    timestamp = item.metadata.timestamp if item.metadata is not None else None
    stream = stream_of(phone_number_id, None, contact.user_id, phone)
    return new_event(
        channel,
        stream,
        "AppContactChanged",
        data,
        raw,
        timestamp,
        pointer,
        ("app contact", stream, action, str(timestamp)),
    )
