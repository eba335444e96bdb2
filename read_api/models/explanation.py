"""An explanation: the events that made something, and which of them last set each field."""

from typing_extensions import TypedDict


class Setter(TypedDict):
    """A field of the answer, and the event after which it has had its value."""

    field: str
    position: int


class ExplainedEvent(TypedDict):
    """An event that is about the message, or has changed what is said of it.

    `actor` is who of ours did it, `user:` and a name or `key:` and an id. `last_set` are the fields
    that no later event has set.
    """

    position: int
    type: str
    version: int
    occurred_at: str
    recorded_at: str
    delivery_id: int | None
    pointer: str | None
    actor: str | None
    last_set: list[str]


class Explanation(TypedDict):
    """`count` is the number of events, which come in the order of the log."""

    count: int
    id: int
    conversation_id: int | None
    events: list[ExplainedEvent]
    fields: list[Setter]
    position: int
