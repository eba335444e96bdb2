"""A file that a message refers to."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from read_api.models.page import Counted, Moment

State = Literal["pending", "stored", "failed", "expired"]


class Media(TypedDict):
    """How far a file is: pending, stored, or given up."""

    id: int
    media_id: str
    message_id: Annotated[str | None, Field(description="Meta's (a wamid); null when masked.")]
    phone_number_id: str
    state: State
    media_url: str | None
    mime_type: str | None
    filename: str | None
    size: Annotated[int | None, Field(description="Bytes.")]
    sha256: Annotated[str | None, Field(description="Hex, of what was stored.")]
    received_at: Moment
    expires_at: Annotated[Moment, Field(description="When Meta forgets the file.")]
    expires_soon: bool
    stored_at: Moment | None
    failed_at: Moment | None
    reason: str | None
    attempts: int | None
    position: int


class MediaList(Counted):
    """A page of files."""

    media: list[Media]
