"""What people send: messages, and what they later do to them."""

from events.catalogue.base import PersonData
from events.catalogue.parts import (
    ContactCards,
    Context,
    Location,
    Media,
    MetaError,
    Order,
    Referral,
    Reply,
)


class MessageReceived(PersonData):
    """A person sent a message of any type, also of one that is not known yet.

    `message_type` is Meta's word. `text` is the body of a text, or the title of the option that
    was chosen. For `unsupported` the errors say why Meta withholds the content, and
    `unsupported_type` what it was.
    """

    message_type: str
    text: str | None = None
    caption: str | None = None
    media: Media | None = None
    location: Location | None = None
    contacts: ContactCards | None = None
    reply: Reply | None = None
    order: Order | None = None
    context: Context | None = None
    referral: Referral | None = None
    errors: list[MetaError] | None = None
    unsupported_type: str | None = None


class ReactionChanged(PersonData):
    """A person put an emoji on a message, or took it away (`emoji` null).

    `message_id` is the reaction's own. The latest per target and person counts.
    """

    target_message_id: str
    emoji: str | None = None


class MessageEdited(PersonData):
    """A person changed a message; text, caption and media are the new ones."""

    target_message_id: str
    message_type: str | None = None
    text: str | None = None
    caption: str | None = None
    media: Media | None = None


class MessageRevoked(PersonData):
    """A person deleted a message for everyone."""

    target_message_id: str
