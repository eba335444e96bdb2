"""Notes for colleagues: added, edited, deleted; each is an event, so nothing said is lost."""

from pydantic import ConfigDict
from typing_extensions import TypedDict

from events.catalogue import NoteAdded, NoteDeleted, NoteEdited
from write_side.cause import Cause
from write_side.connections import Connection
from write_side.desk.changing import Changing, Conversation, Decided, rfc3339
from write_side.desk.texts import NoteBody
from write_side.seen import ConversationWish


class WriteNote(ConversationWish):
    """What a note says."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"body": "Prefers e-mail."}]})

    body: NoteBody


class WrittenNote(TypedDict):
    """A note as it is now; its id is the position of its first event."""

    id: int
    conversation_id: int
    body: str
    author: str | None
    created_at: str
    edited_at: str | None
    edited_by: str | None
    position: int


class DeletedNote(TypedDict):
    """A note that is there no more."""

    id: int
    conversation_id: int
    deleted: bool
    position: int


class NoteCommands:
    """`on_conversation` finds a conversation by its id, `on_note` by that of one of its notes."""

    def __init__(self, on_conversation: Changing, on_note: Changing) -> None:
        self._on_conversation = on_conversation
        self._on_note = on_note

    async def add(self, conversation_id: int, wish: WriteNote, cause: Cause) -> WrittenNote:
        """Raises ConversationNotFound, ConversationMoved and the errors of the log."""

        async def decide(found: Conversation, conn: Connection) -> Decided:
            note = NoteAdded(conversation_id=found.id, streams=list(found.streams), body=wish.body)
            return Decided(note, cause.dedupe("note", found.id, wish.body, found.said_id))

        found, changed = await self._on_conversation(conversation_id, decide, cause)
        assert changed.position is not None  # there is always something to append
        assert changed.at is not None
        return {
            "id": changed.position,
            "conversation_id": found.id,
            "body": wish.body,
            "author": who(cause.actor),
            "created_at": rfc3339(changed.at),
            "edited_at": None,
            "edited_by": None,
            "position": changed.head,
        }

    async def edit(self, id_: int, wish: WriteNote, cause: Cause) -> WrittenNote:
        """Raises NoteNotFound, ConversationMoved and the errors of the log."""

        async def decide(found: Conversation, conn: Connection) -> Decided:
            assert found.note is not None  # it was found by it
            if found.note.body == wish.body:
                return Decided(None)
            edited = NoteEdited(
                conversation_id=found.id,
                streams=list(found.streams),
                note_id=found.note.id,
                body=wish.body,
            )
            facts = (found.note.id, wish.body, found.note.changed_id)
            return Decided(edited, cause.dedupe("note-edited", *facts))

        found, changed = await self._on_note(id_, decide, cause)
        note = found.note
        assert note is not None
        edited_at = note.edited_at if changed.at is None else changed.at
        return {
            "id": note.id,
            "conversation_id": found.id,
            "body": wish.body,
            "author": who(note.author),
            "created_at": rfc3339(note.created_at),
            "edited_at": None if edited_at is None else rfc3339(edited_at),
            "edited_by": who(note.edited_by if changed.at is None else cause.actor),
            "position": changed.head,
        }

    async def delete(self, id_: int, cause: Cause) -> DeletedNote:
        """Raises NoteNotFound, ConversationMoved and the errors of the log."""

        async def decide(found: Conversation, conn: Connection) -> Decided:
            deleted = NoteDeleted(
                conversation_id=found.id, streams=list(found.streams), note_id=id_
            )
            return Decided(deleted, cause.dedupe("note-deleted", id_))

        found, changed = await self._on_note(id_, decide, cause)
        return {
            "id": id_,
            "conversation_id": found.id,
            "deleted": True,
            "position": changed.head,
        }


def who(actor: str | None) -> str | None:
    """As people are shown: a user by name, a key as `key:<id>`."""
    return None if actor is None else actor.removeprefix("user:")
