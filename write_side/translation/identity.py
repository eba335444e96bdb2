"""Who an item speaks of: contacts, and the stream that an item belongs to.

Streams come from the item alone and never change; which streams form one conversation is for
views to say.
"""

import msgspec

from write_side.translation.refusal import check_id

# Only what is longer than this is measured in bytes: E.164 ends at 15 digits, a user id is a
# country, a dot and at most 128 characters, read May 2026.
PHONE_LENGTH = 32
USER_ID_LENGTH = 128


class Profile(msgspec.Struct, gc=False):
    name: str | None = None
    username: str | None = None


class Contact(msgspec.Struct, gc=False):
    """A person as the delivery introduces them, beside the items."""

    wa_id: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None
    username: str | None = None
    profile: Profile | None = None


class EscapedContact(Contact, gc=False):
    """A contact whose texts had to be escaped, which marks the data they are copied to."""


Contacts = dict[str, Contact]
"""Contacts by user id and by phone. One dict is enough: a user id has a dot, a phone has none."""

decode_contacts = msgspec.json.Decoder(list[Contact]).decode


def by_id(contacts: list[Contact]) -> Contacts:
    """Never by place: Meta gives no order, and `system` items and failures have no contact."""
    found: Contacts = {}
    for contact in contacts:
        if contact.user_id:
            found[contact.user_id] = contact
        if contact.wa_id:
            found[contact.wa_id] = contact
    return found


def fill_person(
    data: dict[str, object],
    contacts: Contacts,
    wa_id: str | None,
    user_id: str | None,
    parent_user_id: str | None,
) -> None:
    """Puts into `data` what item and contact say of a person; the item's own word goes first.

    A contact that has both ids is how a phone and a user id are known to be one person, so its
    other id is taken over where the item has none. Raises TranslationRefused for an over-long id.
    """
    contact = contacts.get(user_id) if user_id else None
    if contact is None and wa_id:
        contact = contacts.get(wa_id)
        # The same phone under another user id is the phone's former or next owner.
        if contact is not None and user_id and contact.user_id:
            contact = None
    if contact is not None:
        wa_id = wa_id or contact.wa_id
        user_id = user_id or contact.user_id
        parent_user_id = parent_user_id or contact.parent_user_id
    if wa_id:
        if len(wa_id) > PHONE_LENGTH:
            check_id("phone", wa_id)
        data["wa_id"] = wa_id
    if user_id:
        if len(user_id) > USER_ID_LENGTH:
            check_id("user id", user_id)
        data["user_id"] = user_id
    if parent_user_id:
        data["parent_user_id"] = parent_user_id
    if contact is not None:
        profile = contact.profile
        username = contact.username
        if profile is not None:
            if profile.name:
                data["profile_name"] = profile.name
            username = username or profile.username
        if username:
            data["username"] = username
        if isinstance(contact, EscapedContact):
            data["escaped"] = True


def stream_of(
    phone_number_id: str, group_id: str | None, user_id: str | None, wa_id: str | None
) -> str:
    """The stream of an item, from the ids that the item itself has.

    What names neither a group nor a person goes to the business number's own stream.
    """
    if group_id:
        return f"{phone_number_id}/g:{group_id}"
    if user_id:
        return f"{phone_number_id}/u:{user_id}"
    if wa_id:
        return f"{phone_number_id}/p:{wa_id}"
    return phone_number_id
