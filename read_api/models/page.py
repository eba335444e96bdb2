"""What every list has beside its items."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

Position = Annotated[int, Field(description="A position of the log.")]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""A time in UTC, RFC 3339 with Z."""


class Page(TypedDict):
    """How a list goes on."""

    count: Annotated[int, Field(description="Items in this answer, never those of a table.")]
    next_cursor: str | None
    prev_cursor: str | None
    has_more: bool
    position: Annotated[int, Field(description="How far the read tables were.")]


class Ends(TypedDict):
    """A page without its items."""

    next_cursor: str | None
    prev_cursor: str | None
    has_more: bool
    position: int


class Counted(Page):
    """A list that can be counted."""

    total: Annotated[int | None, Field(description="If `total=capped` was asked for.")]
    total_is_capped: bool | None
