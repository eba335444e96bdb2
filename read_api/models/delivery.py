"""A delivery: one POST of Meta's that was verified and stored."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from read_api.models.page import Moment, Page

Outcome = Literal["stored", "duplicate", "ignored", "quarantined"]


class Signature(TypedDict):
    """`secret` is the fingerprint of the one that signed: the start of its SHA-256."""

    verified: Literal[True]
    secret: str


class DeliveryFacts(TypedDict):
    """The delivery itself."""

    id: int
    received_at: Moment
    outcome: Outcome
    body_bytes: int
    sha256: str
    signature: Signature
    attempts: Annotated[int, Field(description="How often the same bytes came.")]
    last_attempt_at: Moment


class ItemCounts(TypedDict):
    """How many items became what when they came."""

    stored: int
    duplicate: int
    ignored: int
    quarantined: int


class ListedDelivery(DeliveryFacts):
    """A delivery in a list."""

    items: ItemCounts


class DeliveryList(Page):
    """A page of deliveries."""

    deliveries: list[ListedDelivery]


class ItemResolution(TypedDict):
    """What an item became, at once or since.

    `event_position` of a duplicate is that of the event it repeats.
    """

    pointer: str
    outcome: Outcome
    reason: str | None
    event_position: int | None
    event_type: str | None


class DeliveryItem(ItemResolution):
    """What became of one item of a delivery.

    `other_content` says of a duplicate by its key that it says something else; `resolved_by` is
    what an item that was not understood has become since.
    """

    other_content: bool
    resolved_by: list[ItemResolution]


class Delivery(DeliveryFacts):
    """A delivery with its items."""

    items: list[DeliveryItem]
    position: int
