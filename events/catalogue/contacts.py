"""What happens to the identity of a person."""

from events.catalogue.base import ChannelData, Verbatim


class ContactIdentityChanged(ChannelData):
    """Meta says that a person has another phone, another user id or another identity key.

    `kind` is the system message's type verbatim (user_changed_number, user_changed_user_id,
    customer_identity_changed, …); what to do about a kind, known or not, is for the reader to
    decide by the ids that are there. `identity` is the new key's {acknowledged,
    created_timestamp, hash}. `body` is a sentence for people and never to be parsed.
    """

    message_id: str
    kind: str | None = None
    old_wa_id: str | None = None
    new_wa_id: str | None = None
    old_user_id: str | None = None
    new_user_id: str | None = None
    old_parent_user_id: str | None = None
    new_parent_user_id: str | None = None
    identity: Verbatim | None = None
    body: str | None = None
