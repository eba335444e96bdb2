"""A change of a message's status."""

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from read_api.models.page import Counted, Moment


class StatusError(TypedDict):
    """The first error of a status, as Meta words it."""

    code: int | None
    title: str | None
    message: str | None
    details: str | None
    href: str | None


class Status(TypedDict):
    """A message of the business has reached a step."""

    id: int
    message_id: Annotated[str | None, Field(description="Meta's (a wamid); null when masked.")]
    recipient_number: str | None
    status: Annotated[str, Field(description="Meta's word, a new one too.")]
    timestamp: Moment
    error_code: int | None
    error_message: str | None
    recipient_user_id: str | None
    group_id: str | None
    participant: str | None
    phone_number_id: str
    received_at: Moment
    position: int
    error: StatusError | None
    pricing: dict[str, Any] | None
    conversation: Annotated[
        dict[str, Any] | None, Field(description="Meta's billing window, not one of ours.")
    ]
    callback_data: str | None


class StatusList(Counted):
    """A page of status changes."""

    statuses: list[Status]
    phone_candidates: Annotated[
        list[str] | None, Field(description="The numbers that `phone` was taken for.")
    ]
