"""A conversation, as in a list."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from read_api.models.customer import Customer
from read_api.models.message import Direction, Message, MessageStatus
from read_api.models.page import Moment, Page

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
    state: Literal["open", "done", "snoozed"]
    labels: list[str]
    notes_count: int
    notes: Annotated[str | None, Field(description="All notes in one text, in order of time.")]
    customer_email: str | None
    failed_count: int
    position: int


class ConversationList(Page):
    """A page of conversations."""

    conversations: list[Conversation]
    phone_candidates: Annotated[
        list[str] | None, Field(description="The numbers that `phone` was taken for.")
    ]
