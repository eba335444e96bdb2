"""Attempts at the webhook that became no delivery."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from read_api.models.page import Moment, Page


class Attempt(TypedDict):
    """Somebody knocked; nothing of what was said is kept."""

    id: int
    at: Moment
    reason: str
    network: Annotated[str | None, Field(description="Where from, without the last digits.")]


class RefusedAttempt(Attempt):
    """A POST that was not taken."""

    body_bytes: int | None


class HandshakeAttempt(Attempt):
    """A handshake, right or wrong."""

    verified: bool


class ReasonCount(TypedDict):
    """How often a reason occurred."""

    reason: str
    this_hour: int
    last_day: int
    last_30_days: int


class RefusedList(Page):
    """A page of POSTs that were not taken."""

    refused: list[RefusedAttempt]
    counts: list[ReasonCount]


class HandshakeList(Page):
    """A page of handshakes."""

    handshakes: list[HandshakeAttempt]
    counts: list[ReasonCount]
