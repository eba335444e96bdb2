"""What we do with conversations."""

from events.catalogue.base import EventData


class ConversationRead(EventData):
    """Somebody of ours has read a conversation up to a position of the log.

    Incoming messages with a greater position are unread, whatever their time. `streams` are
    those that made up the conversation when it was read: which streams belong together is a
    view's opinion and may be another one later.
    """

    conversation_id: int
    streams: list[str]
    up_to: int
