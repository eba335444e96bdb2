"""Which field holds what: the table from Meta's names to the translators of their items.

Meta's documentation and public samples disagree on some names, so all of them stand here. A field
or an array that is not in it becomes an UnrecognisedChange.
"""

from collections.abc import Callable, Mapping

import msgspec

from events.envelope import NewEvent
from write_side.translation.accounts import account_event, error_event, template_event
from write_side.translation.addressed import echo_event, imported_event
from write_side.translation.calls import call_event, call_status_event
from write_side.translation.channel import Channel
from write_side.translation.groups import group_event
from write_side.translation.history import CHUNKS, chunk_event
from write_side.translation.marketing import action_event, conversion_event
from write_side.translation.messages import message_event
from write_side.translation.people import app_contact_event, preference_event, user_id_event
from write_side.translation.statuses import status_event

Translator = Callable[[Channel, msgspec.Raw, str], NewEvent]
"""One item becomes one event. Raises msgspec.ValidationError or TranslationRefused."""

MESSAGES = "messages"

GROUPS: Mapping[str, Translator] = {"groups": group_event, "errors": error_event}

ARRAYS: Mapping[str, Mapping[str, Translator]] = {
    MESSAGES: {
        "messages": message_event,
        "statuses": status_event,
        "user_actions": action_event,
        "errors": error_event,
    },
    "smb_message_echoes": {"message_echoes": echo_event, "errors": error_event},
    "history": {CHUNKS: chunk_event, "messages": imported_event, "errors": error_event},
    "smb_app_state_sync": {"state_sync": app_contact_event, "errors": error_event},
    "calls": {"calls": call_event, "statuses": call_status_event, "errors": error_event},
    "user_preferences": {"user_preferences": preference_event, "errors": error_event},
    "user_id_update": {"user_id_update": user_id_event, "errors": error_event},
    "group_lifecycle_update": GROUPS,
    "group_participants_update": GROUPS,
    "group_settings_update": GROUPS,
    "group_status_update": GROUPS,
    "automatic_events": {"automatic_events": conversion_event, "errors": error_event},
}
"""The fields whose values hold arrays of items."""

IMPORTED: Translator = imported_event
"""The translator of the messages inside a chunk of history."""

WHOLE: Mapping[str, Translator] = {
    **dict.fromkeys(
        (
            "account_alerts",
            "account_review_update",
            "account_settings_update",
            "account_update",
            "business_capability_update",
            "business_status_update",
            "business_username_update",
            "business_username_updates",
            "flows",
            "partner_solutions",
            "payment_configuration_update",
            "phone_number_name_update",
            "phone_number_quality_update",
            "security",
        ),
        account_event,
    ),
    **dict.fromkeys(
        (
            "message_template_components_update",
            "message_template_quality_update",
            "message_template_status_update",
            "template_category_update",
            "template_components_update",
            "template_correct_category_detection",
            "template_performance_metrics",
            "template_quality_update",
            "template_status_update",
        ),
        template_event,
    ),
}
"""The fields whose value is one item as a whole."""
