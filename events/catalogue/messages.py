"""Messages between people and the business, and what is later done to them."""

from typing import Literal

from events.catalogue.base import PersonMessageData
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


class MessageData(PersonMessageData):
    """What a message of any type carries, also of a type that is not known yet.

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


class MessageReceived(MessageData):
    """A person sent a message."""


class MessageSent(MessageData):
    """The business sent a message; the person (or group) is the one it was sent to.

    `author` says who did: "phone app" for the WhatsApp Business app on a phone, of which Meta
    sends an echo.
    """

    author: str


class MessageImported(MessageData):
    """A message from before the number came to the Cloud API, out of the phone app's history.

    The person is the other side, whatever the direction. `history_status` is Meta's last word on
    the message (DELIVERED, ERROR, PENDING, PLAYED, READ, SENT), without a time; `phase` the part
    of the history it came in. The type `media_placeholder` carries nothing: for messages of the
    last weeks a second event with the same `message_id` has type and file. A message may also be
    there as MessageReceived or MessageSent.

    Source: Cloud API webhooks reference, "history", read 2026-11-22.
    """

    direction: Literal["incoming", "outgoing"]
    history_status: str | None = None
    phase: int | None = None


class AmendmentData(PersonMessageData):
    """Something done to a message that is already there, by the person or by the business.

    `message_id` is the amendment's own. `author` is as in MessageSent, and missing where the
    person did it.
    """

    target_message_id: str
    author: str | None = None


class ReactionChanged(AmendmentData):
    """An emoji was put on a message, or taken away (`emoji` null).

    The latest per target and reactor counts; the reactor is the business where there is an
    `author`, else the person.
    """

    emoji: str | None = None


class MessageEdited(AmendmentData):
    """A message was changed; text, caption and media are the new ones."""

    message_type: str | None = None
    text: str | None = None
    caption: str | None = None
    media: Media | None = None


class MessageRevoked(AmendmentData):
    """A message was deleted for everyone."""
