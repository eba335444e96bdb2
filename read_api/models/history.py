"""What happened in a conversation, as the log has it."""

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from read_api.models.page import Moment, Page, Position


class Actor(TypedDict):
    """Who did it: a user or a key of ours, a customer, or WhatsApp, which reports it."""

    kind: Literal["user", "key", "customer", "whatsapp"]
    id: str | None
    name: str | None


class HistoryEvent(TypedDict):
    """An event of the log."""

    position: Position
    event_id: Annotated[str, Field(description="The same for the same fact, in every log.")]
    type: str
    version: int
    occurred_at: Annotated[Moment, Field(description="The sender's time.")]
    recorded_at: Moment
    actor: Actor
    delivery_id: Annotated[int | None, Field(description="The POST that brought it.")]
    data: Annotated[
        dict[str, Any] | None,
        Field(description="What it says; null without `pii:read`, since it may hold any number."),
    ]


class History(Page):
    """A page of a conversation's events."""

    conversation_id: int
    events: list[HistoryEvent]
