"""Kinds of changes, and which events of the log tell which."""

import re
from collections.abc import Collection

from psycopg.rows import DictRow

from read_api.errors import InvalidParameter
from read_api.models.media import State
from read_api.parser import Parser, parser

RECEIVED = "message.received"
SENT = "message.sent"
FILE = "media.state"
UPDATED = "conversation.updated"
MERGED = "merged"
UNMERGED = "unmerged"
NOTICE = "system.notice"
PROGRESS = "projection.progress"

# What is not here is nothing that a read table shows (tests/architecture says which those are).
TOLD: dict[str, str] = {
    "MessageReceived": RECEIVED,
    "MessageSent": SENT,
    # Or sent, by its direction.
    "MessageImported": RECEIVED,
    "StatusChanged": "message.status",
    "MessageEdited": "message.edited",
    "MessageRevoked": "message.deleted",
    "ReactionChanged": "reaction.changed",
    "MediaStored": FILE,
    "MediaFailed": FILE,
    "MediaRequested": FILE,
    "ContactIdentityChanged": UPDATED,
    "ConversationRead": "read.marked",
    "ConversationMarkedUnread": UPDATED,
    "NoteAdded": "note.added",
    "NoteEdited": UPDATED,
    "NoteDeleted": UPDATED,
    "CustomerDetailsChanged": UPDATED,
    "ConversationAssigned": "assigned",
    "ConversationStateChanged": UPDATED,
    "LabelsChanged": UPDATED,
    "ConversationsMerged": MERGED,
    "ConversationsUnmerged": UNMERGED,
}

# These may show that two conversations are one person's.
JOINING = frozenset(
    {
        "MessageReceived",
        "MessageSent",
        "MessageImported",
        "StatusChanged",
        "MessageEdited",
        "MessageRevoked",
        "ReactionChanged",
        "ContactIdentityChanged",
    }
)

KINDS = frozenset(TOLD.values()) | {SENT}
# Only a stream has these: they are about the moment, and the last is for who asks for it.
USUAL_KINDS = KINDS | {NOTICE}
STREAM_KINDS = USUAL_KINDS | {PROGRESS}


def kind_of(fact: DictRow) -> str:
    """The kind of change that the event is."""
    if fact["type"] == "MessageImported" and fact["direction"] == "outgoing":
        return SENT
    return TOLD[fact["type"]]


def event_types(kinds: Collection[str]) -> list[str]:
    """The types of events that can be of these kinds."""
    imported = bool({RECEIVED, SENT} & set(kinds))
    return [
        name
        for name, kind in TOLD.items()
        if (imported if name == "MessageImported" else kind in kinds)
        or (MERGED in kinds and name in JOINING)
    ]


FILE_EVENTS = tuple(event_types([FILE]))


def kinds_parser(known: Collection[str]) -> Parser[frozenset[str]]:
    """Kinds with commas between them."""
    word = "|".join(re.escape(kind) for kind in sorted(known))

    @parser(type="string", pattern=f"^({word})(,({word}))*$")
    def read(name: str, text: str) -> frozenset[str]:
        """Kinds of changes, with commas between them; all if not given."""
        found = frozenset(text.split(","))
        if not found <= set(known):
            raise InvalidParameter(name, f"has to be some of {', '.join(sorted(known))}")
        return found

    return read


def file_state(fact: DictRow) -> State:
    """What the event makes of the file."""
    if fact["type"] == "MediaStored":
        return "stored"
    if not fact["final"]:
        return "pending"
    return "expired" if fact["reason"] == "expired" else "failed"
