"""A conversation, as in a list."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from read_api.models.customer import Customer
from read_api.models.message import Direction, Message, MessageStatus
from read_api.models.page import Counted, Moment

Window = Literal["open", "closing", "closed"]


class LastMessage(TypedDict):
    """The newest message of a conversation, in short."""

    preview: str | None
    type: str | None
    direction: Direction
    status: MessageStatus


class Conversation(TypedDict):
    """A person, or a group, and one business number."""

    id: int
    phone_number: str | None
    contact_name: str | None
    last_message_at: Moment
    unread_count: int
    message_count: Annotated[int, Field(description="Of incoming messages.")]
    messages: Annotated[list[Message], Field(description="The newest, oldest first.")]
    customer: Customer
    phone_number_id: str
    group_id: str | None
    last_message: LastMessage | None
    waiting_since: Annotated[
        Moment | None, Field(description="The first message that was not answered.")
    ]
    window_expires_at: Moment | None
    window: Annotated[
        Window, Field(description="Whether the business may write freely; closing: under 4 hours.")
    ]
    assignee: str | None
    state: Annotated[
        Literal["open", "done", "snoozed"],
        Field(description="An incoming message opens it, and so does the end of `snoozed_until`."),
    ]
    snoozed_until: Moment | None
    labels: list[str]
    marked_unread: Annotated[bool, Field(description="Somebody wants it to count as unread.")]
    notes_count: int
    notes: Annotated[str | None, Field(description="All notes in one text, in order of time.")]
    customer_email: str | None
    external_id: Annotated[str | None, Field(description="The customer's in another database.")]
    attributes: Annotated[
        dict[str, str | int | float | bool], Field(description="What else is known of them.")
    ]
    failed_count: int
    position: Annotated[
        int, Field(description="Of the last message or of what was said of it, whatever came last.")
    ]


class ConversationList(Counted):
    """A page of conversations."""

    conversations: list[Conversation]
    phone_candidates: Annotated[
        list[str] | None, Field(description="The numbers that `phone` was taken for.")
    ]
