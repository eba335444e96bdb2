"""What goes into the log and what comes out of it."""

from datetime import datetime
from typing import NewType

import msgspec

Position = NewType("Position", int)
"""A place in the whole log: from 1, dense, in commit order. 0 is before the first event."""


class NewEvent(msgspec.Struct, frozen=True):
    """An event before it has a position.

    `stream` is the business phone number and the identity as the item gives it:
    `<phone_number_id>/u:<user id>`, `…/p:<phone digits>`, `…/g:<group id>`, the phone number id
    alone for what concerns the number, `account:<entry id>` for what names no number.
    `occurred_at` is the sender's time (UTC), `dedupe` 32 hex digits of `events.dedupe`.
    `delivery_id` is set where a stored delivery is translated again.
    """

    stream: str
    type: str
    version: int
    data: dict[str, object] | msgspec.Raw
    occurred_at: datetime
    dedupe: str
    pointer: str | None = None
    actor: str | None = None
    causation: int | None = None
    delivery_id: int | None = None


class IgnoredItem(msgspec.Struct, frozen=True):
    """A part of a delivery that holds nothing to record, and why."""

    pointer: str
    reason: str


class NewDelivery(msgspec.Struct, frozen=True):
    """A verified POST before it is stored.

    `secret` is the fingerprint of the app secret that the signature was made with. `outcome` is
    what the delivery comes to if nothing in it is a duplicate: stored, ignored or quarantined.
    """

    key: str
    body: bytes
    sha256: bytes
    signature: str
    secret: str
    received_at: datetime
    outcome: str
    ignored: tuple[IgnoredItem, ...] = ()


class RecordedEvent(msgspec.Struct, frozen=True):
    """An event as the log has it, in the latest shape of its type."""

    position: Position
    stream: str
    type: str
    version: int
    data: dict[str, object]
    occurred_at: datetime
    recorded_at: datetime
    delivery_id: int | None
    pointer: str | None
    actor: str | None
    causation: int | None
