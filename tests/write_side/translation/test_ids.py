"""Ids end up in indexes, whose rows have a limit."""

from tests.write_side.translation.given import (
    NUMBER,
    RECEIVED_AT,
    checked,
    data_of,
    in_envelope,
    text,
    with_messages,
)
from write_side.translation.delivery import translate

CLICK = "marketing_messages_link_click_data"


def test_an_over_long_id_anywhere_is_refused_with_its_item_only() -> None:
    long = "9" * 513
    contact = [{"wa_id": "5511999990001", "user_id": long}]
    for broken in (
        text(long),
        text("wamid.x") | {"from": long},
        text("wamid.x") | {"from_user_id": long},
        text("wamid.x") | {"group_id": long},
        text("wamid.x") | {"type": long},
        text("wamid.x") | {"type": "reaction", "reaction": {"message_id": long}},
        text("wamid.x") | {"type": "image", "image": {"id": long}},
        text("wamid.x") | {"context": {"id": long}},
        text("wamid.x") | {"type": "system", "system": {"wa_id": long}},
        text("wamid." + "ü" * 300),
    ):
        stranger = text("wamid.ok") | {"from": "33600000003"}
        bad, good = checked(translate(with_messages(broken, stranger), RECEIVED_AT)).events
        assert bad.type == "ItemQuarantined", broken
        assert "longer than 512 bytes" in data_of(bad)["reason"]
        assert good.type == "MessageReceived"
    [event] = checked(
        translate(with_messages(text("wamid.x"), contacts=contact), RECEIVED_AT)
    ).events
    assert event.type == "ItemQuarantined"


def test_an_over_long_id_in_any_other_field_is_refused_too() -> None:
    long = "9" * 513
    contact = {"type": "contact", "action": "add"}
    for field, array, broken in (
        ("smb_message_echoes", "message_echoes", text("wamid.x") | {"to": long}),
        ("smb_message_echoes", "message_echoes", text("wamid.x") | {"to": "1", "type": long}),
        ("history", "messages", text("wamid.x") | {"from_user_id": long}),
        ("smb_app_state_sync", "state_sync", contact | {"contact": {"user_id": long}}),
        ("calls", "calls", {"id": long, "event": "connect"}),
        ("calls", "statuses", {"id": "1", "status": "RINGING", "recipient_id": long}),
        ("user_preferences", "user_preferences", {"wa_id": long, "category": "a", "value": "b"}),
        ("user_id_update", "user_id_update", {"user_id": {"previous": "a", "current": long}}),
        ("group_status_update", "groups", {"type": "a", "group_id": long}),
        ("group_status_update", "groups", {"type": "a", "added_participants": [{"wa_id": long}]}),
        ("messages", "user_actions", {"action_type": "a", CLICK: {"click_id": long}}),
        ("automatic_events", "automatic_events", {"id": long, "event_name": "Purchase"}),
    ):
        change = {"field": field, "value": {"metadata": NUMBER, array: [broken]}}
        [event] = checked(translate(in_envelope(change), RECEIVED_AT)).events
        assert event.type == "ItemQuarantined", broken
        assert "longer than 512 bytes" in data_of(event)["reason"]
