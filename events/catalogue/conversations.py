"""What we do with conversations."""

from typing import Annotated, Literal

from pydantic import Field

from events.catalogue.base import EventData, Part

Attribute = str | int | float | bool
"""The value of an attribute of a customer."""

Labels = Annotated[list[str], Field(default_factory=list)]


class ConversationData(EventData):
    """Data of what somebody of ours did with one conversation.

    `conversation_id` is the id that it had then: the position of its first message, whose
    conversation it is about whatever is learnt later. `streams` are those that made it up; the
    event stands in the first one with a user id, or in the first.
    """

    conversation_id: int
    streams: list[str]


class ConversationRead(ConversationData):
    """Somebody of ours has read a conversation up to a position of the log.

    Incoming messages with a greater position are unread, whatever their time. `streams` are
    those that made up the conversation when it was read: which streams belong together is a
    view's opinion and may be another one later.
    """

    up_to: int


class Person(Part):
    """Whoever a stream belonged to at a time (RFC 3339): a phone has had several people, maybe."""

    stream: str
    at: str


class ConversationsMerged(EventData):
    """Somebody of ours says that the people of two conversations are one.

    `person` and `other_person` are who is meant, and all that decides: what is learnt of them
    later holds for the merge too. The ids and the streams are those of the conversations when it
    was said. It holds until a ConversationsUnmerged names its position.
    """

    conversation_id: int
    streams: list[str]
    other_conversation_id: int
    other_streams: list[str]
    person: Person
    other_person: Person


class ConversationsUnmerged(EventData):
    """A merge was a mistake; `merge` is its position, the people are said as it said them.

    What Meta says of the two, and other merges, hold on.
    """

    conversation_id: int
    streams: list[str]
    merge: int
    person: Person
    other_person: Person


class ConversationMarkedUnread(ConversationData):
    """Somebody wants the conversation to count as unread until it is read up to here or further."""


class NoteAdded(ConversationData):
    """Somebody wrote a note for colleagues; its id is the position of this event."""

    body: str


class NoteEdited(ConversationData):
    """A note says something else now; what it said before stays in the log."""

    note_id: int
    body: str


class NoteDeleted(ConversationData):
    """A note is shown no more; its text is in the log until privacy rules erase it."""

    note_id: int


class CustomerDetailsChanged(ConversationData):
    """What we know of a customer beside what WhatsApp says; only what changed is given.

    An empty text takes the detail away. `external_id` is the customer's in another database.
    """

    email: str | None = None
    display_name: str | None = None
    external_id: str | None = None
    attributes: dict[str, Attribute] | None = None
    removed_attributes: list[str] | None = None


class ConversationAssigned(ConversationData):
    """The conversation is a user's to answer, or nobody's where `assignee` is not given."""

    assignee: str | None = None


class ConversationStateChanged(ConversationData):
    """Somebody is done with the conversation, puts it off, or opens it again.

    `until` (RFC 3339) is when a snoozed one is open again by itself. An incoming message opens it
    too, which is a view's business: no event says so.
    """

    state: Literal["open", "done", "snoozed"]
    until: str | None = None


class LabelsChanged(ConversationData):
    """Labels were put on a conversation and taken off; those in neither list stay as they are."""

    added: Labels
    removed: Labels
