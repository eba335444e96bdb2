"""An export: a list as a file."""

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from read_api.models.page import Moment

ExportKind = Literal["messages", "conversations", "statuses", "events", "customer"]
ExportFormat = Literal["csv", "jsonl"]
ExportState = Literal["queued", "making", "ready", "failed"]


class Manifest(TypedDict):
    """What is in the file, to be kept beside it."""

    kind: ExportKind
    format: ExportFormat
    filters: dict[str, Any]
    columns: list[str] | None
    tz: str | None
    rows: int
    bytes: int
    sha256: Annotated[str, Field(description="Hex, of the file.")]
    position: Annotated[int, Field(description="How far the read tables were.")]
    first_position: Annotated[int | None, Field(description="The least of the rows' positions.")]
    last_position: Annotated[int | None, Field(description="The greatest of them.")]
    made_at: Moment


class Export(TypedDict):
    """How far an export is. `rows` counts on while it is made."""

    id: str
    kind: ExportKind
    format: ExportFormat
    state: ExportState
    filters: dict[str, Any]
    columns: list[str] | None
    tz: str | None
    bom: bool
    created_at: Moment
    rows: int
    bytes: int | None
    sha256: str | None
    file_url: Annotated[str | None, Field(description="Once it is ready.")]
    expires_at: Annotated[Moment | None, Field(description="When the file is deleted.")]
    reason: Annotated[str | None, Field(description="Why it failed.")]
    manifest: Manifest | None


class ExportList(TypedDict):
    """The exports of whoever asks, newest first. There are never so many that it takes pages."""

    count: int
    exports: list[Export]
    next_cursor: None
    prev_cursor: None
    has_more: Literal[False]
