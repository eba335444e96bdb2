"""How far the read tables are."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from read_api.models.page import Moment, Position


class Rebuilding(TypedDict):
    """The version that is being built beside the one that answers."""

    version: int
    percent: Annotated[int, Field(description="Of the log; at 100 its indexes are made.")]


class ViewFreshness(TypedDict):
    """A view: which version answers, and how far behind the log it is."""

    name: str
    version: int
    behind_events: int
    behind_seconds: Annotated[float, Field(description="Age of the oldest event not in it.")]
    paused_at: Annotated[
        Moment | None, Field(description="Somebody holds it where it is, since then.")
    ]
    rebuild: Rebuilding | None


class ViewList(TypedDict):
    """All views, by name."""

    count: int
    views: list[ViewFreshness]
    next_cursor: None
    prev_cursor: None
    has_more: Literal[False]
    position: Position
