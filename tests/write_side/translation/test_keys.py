"""The natural keys of items, where a fixture does not show what they tell apart."""

from typing import Any

import msgspec

from tests.write_side.translation.given import NUMBER, RECEIVED_AT, checked, data_of, in_envelope
from write_side.translation.channel import Channel, Source
from write_side.translation.delivery import translate
from write_side.translation.leftovers import unrecognised


def keys(field: str, **value: object) -> list[str]:
    """The dedupe keys of the events of one change."""
    change = {"field": field, "value": {"metadata": NUMBER} | value}
    return [event.dedupe for event in checked(translate(in_envelope(change), RECEIVED_AT)).events]


def test_the_key_of_what_is_not_understood_is_the_same_once_it_is() -> None:
    """It is how translating a stored delivery again finds the event it began with."""
    channel = Channel(Source(b"", RECEIVED_AT), "200300400500600", None, "messages")
    channel.phone_number_id = "100200300400500"
    raw = msgspec.Raw(b'[{"title": "Rate limit hit", "code": 130429}]')

    event = unrecognised(channel, "errors", raw, "")
    assert event.dedupe == "0000000000008b5e42323af435d29ea6"


def test_an_imported_placeholder_and_its_file_are_two_events_and_a_repetition_is_none() -> None:
    bare: dict[str, Any] = {"id": "wamid.1", "timestamp": "1763000000", "from": "5511999990001"}
    placeholder = bare | {"type": "media_placeholder", "history_context": {"status": "READ"}}
    image = bare | {"type": "image", "image": {"id": "1"}}
    thread = {"id": "5511999990001", "messages": [placeholder, image]}

    [_, first, second] = keys("history", history=[{"threads": [thread]}])
    assert first != second
    assert [second] == keys("history", messages=[image])


def test_a_message_has_other_keys_live_echoed_and_imported() -> None:
    """The three may all come, and say different things about one message."""
    message = {"id": "wamid.1", "timestamp": "1763000000", "from": "5511999990001", "type": "x"}
    live = keys("messages", messages=[message])
    echoed = keys("smb_message_echoes", message_echoes=[message])
    imported = keys("history", messages=[message])

    assert len({*live, *echoed, *imported}) == 3


def test_steps_and_states_of_one_call_do_not_shadow_each_other() -> None:
    call = {"id": "wacid.1", "timestamp": "1763000000"}
    steps = keys("calls", calls=[call | {"event": step} for step in ("connect", "terminate")])
    states = keys("calls", statuses=[call | {"status": s} for s in ("connect", "ACCEPTED")])

    assert len({*steps, *states}) == 4


def test_two_accounts_that_leave_in_the_same_second_are_two_events() -> None:
    values = [{"event": "PARTNER_REMOVED", "waba_info": {"waba_id": i}} for i in ("1", "2", "1")]
    changes = [{"field": "account_update", "value": value} for value in values]
    first, second, again = translate(in_envelope(*changes), RECEIVED_AT).events

    assert first.dedupe != second.dedupe
    assert first.dedupe == again.dedupe
    assert data_of(first)["shared_account_id"] == "1"


def test_one_request_to_a_group_may_be_answered_in_parts() -> None:
    group = {"group_id": "g", "type": "group_participants_add", "request_id": "R", "timestamp": "1"}
    parts = [group | {"added_participants": [{"wa_id": phone}]} for phone in ("1", "2")]

    assert len(set(keys("group_participants_update", groups=parts))) == 2


def test_a_preference_is_named_by_its_time_however_that_is_written() -> None:
    wish: dict[str, object] = {"wa_id": "1", "category": "marketing_messages", "value": "stop"}
    as_number, as_text, later = keys(
        "user_preferences",
        user_preferences=[
            wish | {"timestamp": t} for t in (1763000000, "1763000000", "1763000001")
        ],
    )

    assert as_number == as_text
    assert as_text != later
