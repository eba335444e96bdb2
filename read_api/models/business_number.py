"""The business's own numbers."""

from typing import Literal

from typing_extensions import TypedDict

from read_api.models.page import Moment


class BusinessNumber(TypedDict):
    """`display_phone_number` is what people dial, as Meta writes it."""

    phone_number_id: str
    display_phone_number: str | None
    last_message_at: Moment


class BusinessNumberList(TypedDict):
    """All that have a conversation, by their ids."""

    count: int
    numbers: list[BusinessNumber]
    next_cursor: None
    prev_cursor: None
    has_more: Literal[False]
    position: int
