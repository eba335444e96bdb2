"""What we do with conversations."""

from events.catalogue.base import EventData, Part


class ConversationRead(EventData):
    """Somebody of ours has read a conversation up to a position of the log.

    Incoming messages with a greater position are unread, whatever their time. `streams` are
    those that made up the conversation when it was read: which streams belong together is a
    view's opinion and may be another one later.
    """

    conversation_id: int
    streams: list[str]
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
