"""One small delivery per case, and the events it becomes.

`tests/fixtures/webhooks/NAME.json` is what Meta sends, `tests/fixtures/events/NAME.json` what we
store, without `raw`. The dedupe keys there are in people's logs: a change of one is a new event
for a message that is already there.
"""

import copy
import json
from typing import Any

import msgspec
import pytest

from tests.write_side.translation.given import (
    FIXTURES,
    RECEIVED_AT,
    data_of,
    fixture,
    plain,
    translated,
)
from write_side.translation.delivery import translate

MESSAGE, STATUS = ["MessageReceived"], ["StatusChanged"]
REACTION, EDIT, REVOKE = ["ReactionChanged"], ["MessageEdited"], ["MessageRevoked"]
IDENTITY, UNRECOGNISED = ["ContactIdentityChanged"], ["UnrecognisedChange"]
QUARANTINED = ["ItemQuarantined"]
SENT, IMPORTED = ["MessageSent"], ["MessageImported"]
PROGRESSED, DECLINED = ["HistorySyncProgressed"], ["HistorySyncDeclined"]
APP_CONTACT, PREFERENCE = ["AppContactChanged"], ["MarketingPreferenceChanged"]
CALL, GROUP = ["CallChanged"], ["GroupChanged"]
ACCOUNT, TEMPLATE, ERROR = ["AccountUpdated"], ["TemplateChanged"], ["ChannelErrorReported"]
ACTION, CONVERSION = ["UserActionReported"], ["ConversionDetected"]

EXPECTED: dict[str, list[str]] = {
    "account_changes": ACCOUNT * 10,
    "account_settings": ACCOUNT,
    "app_contacts": APP_CONTACT * 3 + UNRECOGNISED + QUARANTINED,
    "audio_voice": MESSAGE,
    "automatic_events": CONVERSION * 2 + QUARANTINED,
    "broken_items_among_good": MESSAGE + QUARANTINED * 6 + MESSAGE + QUARANTINED + STATUS,
    "broken_structure_among_good": QUARANTINED * 6 + STATUS + MESSAGE,
    "button": MESSAGE,
    "call_from_person": CALL * 4 + QUARANTINED,
    "call_to_person": CALL + ERROR + CALL * 2,
    "change_without_field": MESSAGE,
    "channel_errors": ERROR * 2 + QUARANTINED,
    "contacts": MESSAGE,
    "contacts_in_other_order": MESSAGE * 3,
    "document": MESSAGE,
    "echo_amendments": EDIT + REVOKE + REACTION,
    "echo_image_to_person_without_phone": SENT,
    "echo_text": SENT,
    "edit_caption": EDIT,
    "edit_text": EDIT,
    "future_type": MESSAGE,
    "group_lifecycle": GROUP * 3,
    "group_participants": GROUP * 4,
    "group_settings_and_status": GROUP * 3 + QUARANTINED,
    "group_text": MESSAGE,
    "history_broken_among_good": PROGRESSED
    + IMPORTED
    + QUARANTINED * 2
    + IMPORTED
    + QUARANTINED * 2
    + IMPORTED
    + QUARANTINED * 2,
    "history_chunk": PROGRESSED + IMPORTED * 3 + REACTION + IMPORTED,
    "history_declined": DECLINED,
    "history_media": IMPORTED * 2,
    "history_without_display_number": PROGRESSED + IMPORTED * 3,
    "image": MESSAGE,
    "image_without_payload": MESSAGE,
    "interactive_absent_with_errors": MESSAGE,
    "interactive_button_reply": MESSAGE,
    "interactive_call_permission": MESSAGE,
    "interactive_flow_reply": MESSAGE,
    "interactive_flow_reply_object": MESSAGE,
    "interactive_list_reply": MESSAGE,
    "interactive_of_future_kind": MESSAGE,
    "known_field_of_another_shape": UNRECOGNISED * 2 + QUARANTINED,
    "location": MESSAGE,
    "location_without_type": MESSAGE,
    "mixed_batch": MESSAGE * 2 + REACTION + STATUS * 2 + ACTION,
    "no_changes": [],
    "no_metadata": QUARANTINED,
    "nothing_in_it": [],
    "order": MESSAGE,
    "person_with_both_ids": MESSAGE,
    "person_without_phone": MESSAGE,
    "phone_linked_by_contact": MESSAGE,
    "reaction": REACTION,
    "reaction_removed": REACTION * 2,
    "request_welcome": MESSAGE,
    "revoke": REVOKE,
    "status_deleted": STATUS,
    "status_delivered": STATUS,
    "status_failed": STATUS,
    "status_future": STATUS,
    "status_group": STATUS * 2,
    "status_parent_oldest_name": STATUS,
    "status_played": STATUS,
    "status_read": STATUS,
    "status_sent": STATUS,
    "status_sent_with_legacy_error": STATUS,
    "status_without_phone": STATUS,
    "status_without_recipient": STATUS,
    "sticker": MESSAGE,
    "system_identity_key_changed": IDENTITY,
    "system_number_changed": IDENTITY,
    "system_number_changed_customer": IDENTITY,
    "system_number_changed_legacy": IDENTITY,
    "system_user_id_changed": IDENTITY,
    "template_changes": TEMPLATE * 7 + QUARANTINED,
    "text": MESSAGE,
    "text_about_product": MESSAGE,
    "text_forwarded": MESSAGE,
    "text_from_advertisement": MESSAGE,
    "text_reply_in_context": MESSAGE,
    "timestamp_absent": MESSAGE,
    "timestamp_variants": MESSAGE * 4,
    "two_entries_and_changes": MESSAGE + STATUS + MESSAGE,
    "unknown_arrays": ERROR + UNRECOGNISED * 2,
    "unknown_field": UNRECOGNISED,
    "unknown_field_with_number": UNRECOGNISED,
    "unknown_legacy": MESSAGE,
    "unsupported": MESSAGE,
    "user_actions": ACTION * 3 + QUARANTINED,
    "user_id_update": IDENTITY + QUARANTINED,
    "user_preferences": PREFERENCE * 2 + QUARANTINED,
    "video": MESSAGE,
    "voice_legacy": MESSAGE,
}


def test_every_fixture_has_its_expected_events() -> None:
    assert sorted(EXPECTED) == sorted(p.stem for p in (FIXTURES / "webhooks").glob("*.json"))


@pytest.mark.parametrize("careful", [False, True], ids=["quickly", "carefully"])
@pytest.mark.parametrize(("name", "types"), EXPECTED.items(), ids=EXPECTED)
def test_a_delivery_becomes_these_events(name: str, types: list[str], careful: bool) -> None:
    translation = translated(name, careful=careful)

    assert types == [event.type for event in translation.events]
    assert expected_events(name) == {
        "outcome": translation.outcome,
        "ignored": [[item.pointer, item.reason] for item in translation.ignored],
        "events": [without_raw(plain(event)) for event in translation.events],
    }


@pytest.mark.parametrize("careful", [False, True], ids=["quickly", "carefully"])
@pytest.mark.parametrize("name", EXPECTED)
def test_the_original_item_stands_in_raw(name: str, careful: bool) -> None:
    body = json.loads(fixture(name))
    for event in translate(fixture(name), RECEIVED_AT, careful=careful).events:
        assert event.pointer is not None
        data = data_of(event)
        if event.type == "UnrecognisedChange":
            whole = item_at(body, event.pointer)
            assert (whole["value"] if data["what"] == "field" else whole) == data["value"]
        elif event.type == "HistorySyncProgressed":
            chunk = copy.deepcopy(item_at(body, event.pointer))
            for thread in chunk["threads"]:
                if isinstance(thread, dict):
                    thread.pop("messages", None)
            assert chunk == data["raw"]
        else:
            assert item_at(body, event.pointer) == data["raw"]


def expected_events(name: str) -> dict[str, Any]:
    written = (FIXTURES / "events" / f"{name}.json").read_bytes()
    return msgspec.json.decode(written, type=dict[str, Any])


def without_raw(event: dict[str, Any]) -> dict[str, Any]:
    event["data"].pop("raw", None)
    return event


def item_at(value: Any, pointer: str) -> Any:
    for key in pointer.split("/")[1:]:
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value
