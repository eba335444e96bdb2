"""What is said of the views to whoever looks after them, and what can be wished for."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt
from typing_extensions import TypedDict

from projections.verifications import TableDifferences
from read_api.models.page import Moment, Position
from write_side.whole_numbers import AS_INTEGER, Id

State = Literal["live", "building", "catching_up", "interrupted", "paused", "failed", "superseded"]

_PERSONAL = "; null without `pii:read`, since it may quote what an event holds."


class ProjectionVersion(TypedDict):
    """A version of a view.

    `live` answers questions and `failed` does too, but is held up by `last_error`; `building` and
    `catching_up` will answer when they are done; `interrupted` is what a rebuild that was broken
    off has left; `superseded` is kept for going back to it. What is `paused` goes on answering and
    is kept up to date no more until somebody lets it go on.
    """

    version: int
    state: State
    position: Position
    behind_events: int
    behind_seconds: Annotated[float, Field(description="Age of the oldest event not in it.")]
    percent: Annotated[int, Field(description="Of the log.")]
    events_per_second: Annotated[int | None, Field(description="While it is being built.")]
    eta_seconds: int | None
    builder: Annotated[str | None, Field(description="Which process fills it, or did.")]
    began_at: Moment | None
    of_this_release: Annotated[bool, Field(description="Others are left alone by its workers.")]
    last_error: Annotated[str | None, Field(description="What holds it up" + _PERSONAL)]
    held_up_since: Moment | None
    paused_at: Moment | None
    paused_by: str | None
    poison_count: Annotated[int, Field(description="Events put aside, and not skipped.")]
    skipped_count: int


class PoisonedEvent(TypedDict):
    """An event that a version goes without, because it could not apply it."""

    version: int
    position: Position
    type: str | None
    stream: Annotated[str | None, Field(description="Null without `pii:read`.")]
    sqlstate: str | None
    error: Annotated[str | None, Field(description="The last that applying it gave" + _PERSONAL)]
    put_at: Moment
    tries: int
    skipped_at: Annotated[Moment | None, Field(description="Somebody decided to go without it.")]


class LastVerification(TypedDict):
    """How the last comparison with a fresh replay came out; `tables` has those that differ."""

    version: int
    position: Position
    began_at: Moment
    ended_at: Moment
    differences: Annotated[int, Field(description="Rows that are not what the log says.")]
    tables: dict[str, TableDifferences]


class Projection(TypedDict):
    """A view: the version that answers, and what is going on beside it.

    `events_per_second` and `eta_seconds` are of the version that is being built, if there is one.
    """

    name: str
    version: int
    state: State
    position: Position
    head: Position
    behind_events: int
    behind_seconds: float
    events_per_second: int | None
    eta_seconds: int | None
    last_error: Annotated[str | None, Field(description="What holds it up" + _PERSONAL)]
    versions: list[ProjectionVersion]
    verifying: Annotated[bool, Field(description="Somebody is comparing it with the log now.")]
    verified: LastVerification | None
    poison_count: Annotated[int, Field(description="Of all versions, without what is skipped.")]
    poison: Annotated[list[PoisonedEvent], Field(description="The first 100, skipped ones last.")]


class ProjectionList(TypedDict):
    """All views, by name."""

    count: int
    projections: list[Projection]
    next_cursor: None
    prev_cursor: None
    has_more: Literal[False]
    position: Annotated[int, Field(description="The log's head.")]


class ColumnDifference(TypedDict):
    """What a column holds, as text; null without `pii:read`, too."""

    live: str | None
    replay: str | None


class RowDifference(TypedDict):
    """A row that is not what the log says."""

    table: str
    key: Annotated[list[str] | None, Field(description="Null without `pii:read`.")]
    missing: Annotated[
        Literal["live", "replay"] | None, Field(description="Where there is no such row.")
    ]
    columns: Annotated[dict[str, ColumnDifference], Field(description="Those that differ.")]


class Differences(TypedDict):
    """The version that answers, compared now; `rows` are the first 1,000 that differ."""

    name: str
    view_position: Annotated[int, Field(description="What was compared up to.")]
    count: Annotated[int, Field(description="How many rows differ.")]
    rows: list[RowDifference]
    position: Annotated[int, Field(description="The log's head.")]


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rebuild(_Wish):
    """Build the next version, from the beginning or from where the last rebuild was."""

    resume: StrictBool = False


class Verify(_Wish):
    """Compare the version that answers with a fresh replay."""


class Swap(_Wish):
    """Let another version answer: the way back after a rebuild."""

    version: Annotated[StrictInt, Field(ge=1, le=2**31 - 1), AS_INTEGER]


class Pause(_Wish):
    """Hold the view where it is."""


class Resume(_Wish):
    """Let the view go on from where it is."""


class WhichPoison(_Wish):
    """The event at a position, or with `all` every one of the view that is not skipped."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"position": 48121}, {"all": True}],
            # Neither of them, nor both.
            "not": {
                "anyOf": [
                    {"properties": {"position": {"type": "null"}, "all": {"const": False}}},
                    {
                        "required": ["position", "all"],
                        "properties": {"position": {"type": "integer"}, "all": {"const": True}},
                    },
                ]
            },
        }
    )

    position: Id | None = None
    all: StrictBool = False


class Begun(TypedDict):
    """It goes on in the background; GET the view to see how far it is."""

    name: str
    position: Annotated[int, Field(description="The log's head.")]


class Swapped(TypedDict):
    """The version that answers from now on."""

    name: str
    version: int
    position: int


class Held(TypedDict):
    """Whether a view is paused, and how far the version is that answers."""

    name: str
    paused_at: Moment | None
    paused_by: str | None
    view_position: Annotated[int, Field(description="What the view has applied.")]
    position: Annotated[int, Field(description="The log's head.")]


class Retried(TypedDict):
    """One event for one version; `error` is null where it could be applied."""

    version: int
    position: Position
    error: Annotated[str | None, Field(description="Null without `pii:read`, too.")]
    applied: bool


class PoisonRetried(TypedDict):
    """What was tried; empty where nothing of the kind was put aside."""

    name: str
    retried: list[Retried]
    position: int


class Skipped(TypedDict):
    version: int
    position: Position


class PoisonSkipped(TypedDict):
    """What the versions go without from now on."""

    name: str
    skipped: list[Skipped]
    position: int
