"""What happens to people: identity, the phone app's address book, what they want to be sent."""

from events.catalogue.base import ChannelData, PersonData, Verbatim


class ContactIdentityChanged(ChannelData):
    """Meta says that a person has another phone, another user id or another identity key.

    `kind` is the system message's type verbatim (user_changed_number, user_changed_user_id,
    customer_identity_changed, …), or user_id_update for the field of that name, which has no
    `message_id`; what to do about a kind, known or not, is for the reader to decide by the ids
    that are there. `identity` is the new key's {acknowledged, created_timestamp, hash}. `body` is
    a sentence for people and never to be parsed.
    """

    message_id: str | None = None
    kind: str | None = None
    old_wa_id: str | None = None
    new_wa_id: str | None = None
    old_user_id: str | None = None
    new_user_id: str | None = None
    old_parent_user_id: str | None = None
    new_parent_user_id: str | None = None
    identity: Verbatim | None = None
    body: str | None = None


class AppContactChanged(PersonData):
    """The address book of the business's phone app has a contact added, changed or removed.

    `action` is Meta's word: add (also for a change) or remove. The names are those that the
    business wrote, not the person's own. The latest per person counts.
    """

    action: str
    full_name: str | None = None
    first_name: str | None = None


class MarketingPreferenceChanged(PersonData):
    """A person wants no more messages of a category, or wants them again.

    `category` (marketing_messages) and `value` (stop, resume, signup) are Meta's words. The
    latest per person and category counts.
    """

    category: str
    value: str
    detail: str | None = None
    signup_id: str | None = None
