"""System messages: a person has another phone, user id or identity key.

Source: Cloud API webhooks reference, "system messages", read May 2026; public samples for the
older spellings.
"""

from write_side.translation.identity import stream_of
from write_side.translation.refusal import check_id
from write_side.translation.shapes import Message, System
from write_side.translation.values import as_object, without_nulls

NEW_IDENTITY_KEY = "customer_identity_changed"


def identity_change(data: dict[str, object], message: Message, phone_number_id: str) -> str:
    """Fills the data of a ContactIdentityChanged and gives the item's stream.

    The stream is that of the sender as the item names it, else of the old id, else of the new
    one. Raises TranslationRefused.
    """
    system = message.system or System()
    old_wa_id = system.customer or message.from_
    # Newer versions write wa_id, older ones new_wa_id; a new identity key has the same phone.
    new_wa_id = system.wa_id or system.new_wa_id
    if system.type == NEW_IDENTITY_KEY:
        new_wa_id = None
    elif new_wa_id is not None and new_wa_id == old_wa_id and not system.customer:
        # Some samples name the new phone in `from` too; the old one is then not given.
        old_wa_id = None
    old_user_id = system.previous_user_id or message.from_user_id
    if old_user_id == system.user_id and not system.previous_user_id:
        old_user_id = None
    changes = without_nulls(
        kind=system.type,
        old_wa_id=old_wa_id,
        new_wa_id=new_wa_id,
        old_user_id=old_user_id,
        new_user_id=system.user_id,
        old_parent_user_id=system.previous_parent_user_id or message.from_parent_user_id,
        new_parent_user_id=system.parent_user_id,
        identity=as_object("identity", message.identity),
        body=system.body,
    )
    for name, value in changes.items():
        if name != "body" and isinstance(value, str):
            check_id(f"system's {name}", value)
    data |= changes
    return stream_of(
        phone_number_id,
        None,
        message.from_user_id or system.previous_user_id or system.user_id,
        message.from_ or old_wa_id or new_wa_id,
    )
