"""What all event types share."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A structure inside an event's data."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class EventData(Part):
    """The data of one event type in its latest version.

    A type is never removed or renamed. A changed shape is a new `version`, with an upcaster
    from the old one. A key that is absent and a key that is null mean the same: not given.

    `received_at` (RFC 3339) is when the event's delivery came, and is given only where that was
    not just before the event was recorded: the delivery was translated again later.
    """

    version: ClassVar[int] = 1

    received_at: str | None = None


Verbatim = dict[str, object]
"""An object kept as it was sent, with Meta's key names."""

SentTime = int | str | None
"""A time as it was sent: mostly a text of seconds, sometimes a number; milliseconds occur."""

Escaped = Annotated[
    bool,
    Field(
        description="PostgreSQL's jsonb holds no NUL and no lone surrogate. Where this is true, "
        "such characters stand in the data as six characters, backslash u and four hex digits; "
        "the delivery has the original bytes."
    ),
]


class ChannelData(EventData):
    """Data of an event on one business phone number."""

    phone_number_id: str
    display_phone_number: str | None = None
    timestamp: SentTime = None
    raw: Verbatim
    escaped: Escaped = False


class PersonData(ChannelData):
    """Data of an item that is about one person, or what a person did in a group.

    `wa_id` is the phone's digits as sent and `user_id` the business-scoped user id. Each may be
    missing: people with a user name may hide their phone, and old payloads know no user id. What
    the item does not say is taken from the contact of the same delivery that names its person.
    """

    wa_id: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None
    username: str | None = None
    profile_name: str | None = None
    group_id: str | None = None


class PersonMessageData(PersonData):
    """Data of a message between a person and the business, whoever of them sent it."""

    message_id: str
