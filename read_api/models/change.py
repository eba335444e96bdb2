"""What has changed."""

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from read_api.models.media import State
from read_api.models.page import Moment, Position


class Change(TypedDict):
    """One change; which further fields it has follows from its type."""

    position: Position
    type: str
    at: Annotated[Moment, Field(description="When it was recorded.")]
    phone_number_id: str | None
    conversation_id: Annotated[int | None, Field(description="The conversation as it is now.")]
    unread_count: Annotated[int | None, Field(description="Of the conversation as it is now.")]
    id: NotRequired[Annotated[int | None, Field(description="The message's.")]]
    message_id: NotRequired[
        Annotated[str | None, Field(description="Meta's (a wamid); null when masked.")]
    ]
    status: NotRequired[str]
    media_id: NotRequired[str]
    state: NotRequired[State]
    conversation_ids: NotRequired[
        Annotated[
            list[int | None],
            Field(description="Those that became one, or those that two are now."),
        ]
    ]
    merge: NotRequired[Annotated[int, Field(description="The position of what was undone.")]]


class ChangeList(TypedDict):
    """A page of changes, oldest first."""

    count: int
    changes: list[Change]
    next_after: Annotated[int, Field(description="The next page's `after`.")]
    has_more: bool
    resync: Annotated[
        bool,
        Field(
            description="`after` is beyond the end of the log, which is not the one it was read "
            "from: drop what was copied and begin at `next_after`, which is 0."
        ),
    ]
    position: Annotated[int, Field(description="How far the read tables were.")]
