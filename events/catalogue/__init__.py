"""The vocabulary of the log: every event type with its latest shape.

Add a type here only together with the code that emits it and its example in `tests/history/`:
what is once stored has to be read for ever.
"""

from events.catalogue.accounts import AccountUpdated, ChannelErrorReported, TemplateChanged
from events.catalogue.base import EventData
from events.catalogue.calls import CallChanged
from events.catalogue.contacts import (
    AppContactChanged,
    ContactIdentityChanged,
    MarketingPreferenceChanged,
)
from events.catalogue.conversations import (
    ConversationAssigned,
    ConversationMarkedUnread,
    ConversationRead,
    ConversationsMerged,
    ConversationStateChanged,
    ConversationsUnmerged,
    CustomerDetailsChanged,
    LabelsChanged,
    NoteAdded,
    NoteDeleted,
    NoteEdited,
)
from events.catalogue.groups import GroupChanged
from events.catalogue.history import HistorySyncDeclined, HistorySyncProgressed
from events.catalogue.leftovers import ItemQuarantined, ItemResolved, UnrecognisedChange
from events.catalogue.marketing import ConversionDetected, UserActionReported
from events.catalogue.media import MediaFailed, MediaRequested, MediaStored
from events.catalogue.messages import (
    MessageEdited,
    MessageImported,
    MessageReceived,
    MessageRevoked,
    MessageSent,
    ReactionChanged,
)
from events.catalogue.statuses import StatusChanged

__all__ = [
    "CATALOGUE",
    "AccountUpdated",
    "AppContactChanged",
    "CallChanged",
    "ChannelErrorReported",
    "ContactIdentityChanged",
    "ConversationAssigned",
    "ConversationMarkedUnread",
    "ConversationRead",
    "ConversationStateChanged",
    "ConversationsMerged",
    "ConversationsUnmerged",
    "ConversionDetected",
    "CustomerDetailsChanged",
    "EventData",
    "GroupChanged",
    "HistorySyncDeclined",
    "HistorySyncProgressed",
    "ItemQuarantined",
    "ItemResolved",
    "LabelsChanged",
    "MarketingPreferenceChanged",
    "MediaFailed",
    "MediaRequested",
    "MediaStored",
    "MessageEdited",
    "MessageImported",
    "MessageReceived",
    "MessageRevoked",
    "MessageSent",
    "NoteAdded",
    "NoteDeleted",
    "NoteEdited",
    "ReactionChanged",
    "StatusChanged",
    "TemplateChanged",
    "UnrecognisedChange",
    "UserActionReported",
]

CATALOGUE: dict[str, type[EventData]] = {
    model.__name__: model
    for model in (
        AccountUpdated,
        AppContactChanged,
        CallChanged,
        ChannelErrorReported,
        ContactIdentityChanged,
        ConversationAssigned,
        ConversationMarkedUnread,
        ConversationRead,
        ConversationStateChanged,
        ConversationsMerged,
        ConversationsUnmerged,
        ConversionDetected,
        CustomerDetailsChanged,
        GroupChanged,
        HistorySyncDeclined,
        HistorySyncProgressed,
        ItemQuarantined,
        ItemResolved,
        LabelsChanged,
        MarketingPreferenceChanged,
        MediaFailed,
        MediaRequested,
        MediaStored,
        MessageEdited,
        MessageImported,
        MessageReceived,
        MessageRevoked,
        MessageSent,
        NoteAdded,
        NoteDeleted,
        NoteEdited,
        ReactionChanged,
        StatusChanged,
        TemplateChanged,
        UnrecognisedChange,
        UserActionReported,
    )
}
