"""An event of the log, for who looks after it."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from read_api.models.history import HistoryEvent
from read_api.models.page import Position


class LogEvent(HistoryEvent):
    """An event with where it came from."""

    stream: Annotated[str | None, Field(description="Null without `pii:read`.")]
    pointer: Annotated[str | None, Field(description="Of its item in the delivery.")]
    causation: Annotated[int | None, Field(description="The event that it answers to.")]


class EventList(TypedDict):
    """Events, the newest first. Ask with `before` = `next_before` for older ones.

    Where a type is rare there may be fewer than asked for, or none, and older ones all the same.
    """

    count: int
    events: list[LogEvent]
    next_before: Annotated[int | None, Field(description="Null when there are no older ones.")]
    position: Annotated[int, Field(description="The log's head.")]


class EventName(TypedDict):
    """Another event, by its place."""

    position: Position
    type: str


class EventDetail(LogEvent):
    """An event with its cause and what it has caused, 100 events at most."""

    cause: EventName | None
    caused: list[EventName]
