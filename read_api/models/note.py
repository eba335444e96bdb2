"""A note of ours on a conversation."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from read_api.models.page import Counted, Moment, Position

Author = Annotated[str | None, Field(description="A user's name, or `key:` and a key's id.")]


class NoteVersion(TypedDict):
    """What a note said at a time."""

    body: str
    author: Author
    at: Moment
    position: Position


class Note(TypedDict):
    """What somebody wrote for colleagues. The id is the position of its first event."""

    id: int
    conversation_id: int
    body: str
    author: Author
    created_at: Moment
    edited_at: Moment | None
    edited_by: Author
    versions: Annotated[
        list[NoteVersion], Field(description="Everything it has said, oldest first.")
    ]


class NoteList(Counted):
    """A page of notes."""

    notes: list[Note]
