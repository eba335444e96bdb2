"""The vocabulary of the log: every event type with its latest shape.

Add a type here only together with the code that emits it and its example in `tests/history/`:
what is once stored has to be read for ever.
"""

from events.catalogue.base import EventData
from events.catalogue.contacts import ContactIdentityChanged
from events.catalogue.conversations import ConversationRead
from events.catalogue.leftovers import ItemQuarantined, UnrecognisedChange
from events.catalogue.messages import (
    MessageEdited,
    MessageReceived,
    MessageRevoked,
    ReactionChanged,
)
from events.catalogue.statuses import StatusChanged

__all__ = [
    "CATALOGUE",
    "ContactIdentityChanged",
    "ConversationRead",
    "EventData",
    "ItemQuarantined",
    "MessageEdited",
    "MessageReceived",
    "MessageRevoked",
    "ReactionChanged",
    "StatusChanged",
    "UnrecognisedChange",
]

CATALOGUE: dict[str, type[EventData]] = {
    model.__name__: model
    for model in (
        ContactIdentityChanged,
        ConversationRead,
        ItemQuarantined,
        MessageEdited,
        MessageReceived,
        MessageRevoked,
        ReactionChanged,
        StatusChanged,
        UnrecognisedChange,
    )
}
