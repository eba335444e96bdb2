"""What people do with marketing messages, and what Meta concludes from chats.

Source: Marketing Messages API, "click webhooks", and Cloud API webhooks reference,
"automatic_events", both read 2026-11-22.
"""

import msgspec

from events.envelope import NewEvent
from write_side.translation.channel import Channel
from write_side.translation.facts import fingerprint, new_event, number_of
from write_side.translation.refusal import check_id, required_id
from write_side.translation.values import NULL, Time, as_object, without_nulls


class Click(msgspec.Struct, gc=False):
    click_id: str | None = None
    click_component: str | None = None
    tracking_token: str | None = None
    product_id: str | None = None


class UserAction(msgspec.Struct, gc=False):
    action_type: str | None = None
    timestamp: Time = None
    marketing_messages_link_click_data: Click | None = None


class AutomaticEvent(msgspec.Struct, gc=False):
    id: str | None = None
    event_name: str | None = None
    timestamp: Time = None
    ctwa_clid: str | None = None
    custom_data: msgspec.Raw = NULL


decode_action = msgspec.json.Decoder(UserAction).decode
decode_automatic = msgspec.json.Decoder(AutomaticEvent).decode


def action_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of an item of `user_actions`.

    A landing page has the click id of the click that led there, so the action is in the key.
    Raises msgspec.ValidationError or TranslationRefused when it can't be one.
    """
    item = decode_action(raw)
    phone_number_id, data = number_of(channel)
    action = required_id("action_type", item.action_type)
    click = item.marketing_messages_link_click_data or Click()
    if click.click_id is not None:
        check_id("click_id", click.click_id)
    data |= without_nulls(
        action=action,
        click_id=click.click_id,
        component=click.click_component,
        tracking_token=click.tracking_token,
        product_id=click.product_id,
    )
    return new_event(
        channel,
        phone_number_id,
        "UserActionReported",
        data,
        raw,
        item.timestamp,
        pointer,
        ("user action", phone_number_id, action, click.click_id or fingerprint(raw)),
    )


def conversion_event(channel: Channel, raw: msgspec.Raw, pointer: str) -> NewEvent:
    """The event of an item of `automatic_events`. Raises as `action_event` does."""
    item = decode_automatic(raw)
    phone_number_id, data = number_of(channel)
    message_id = required_id("id", item.id)
    name = required_id("event_name", item.event_name)
    data |= without_nulls(
        message_id=message_id,
        name=name,
        ctwa_clid=item.ctwa_clid,
        custom_data=as_object("custom_data", item.custom_data),
    )
    return new_event(
        channel,
        phone_number_id,
        "ConversionDetected",
        data,
        raw,
        item.timestamp,
        pointer,
        ("conversion", phone_number_id, message_id, name),
    )
