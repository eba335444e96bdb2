"""What translation keeps without understanding it, and how that is settled later.

An UnrecognisedChange or ItemQuarantined is settled when there is an event with its position as
`causation`.
"""

from events.catalogue.base import Escaped, EventData


class UnrecognisedChange(EventData):
    """A field, or an array inside a known field, that this release has no type for.

    `what` is "field" for a whole change, else the key of the array; `value` is it, verbatim.
    """

    field: str
    what: str
    value: object = None
    phone_number_id: str | None = None
    account_id: str | None = None
    escaped: Escaped = False


class ItemQuarantined(EventData):
    """An item that could not be translated, and why.

    `raw` is the item as JSON, or its text where jsonb can't hold it; absent when the whole
    delivery could not be read, which has the bytes.
    """

    reason: str
    field: str | None = None
    raw: object = None
    escaped: Escaped = False


class ItemResolved(EventData):
    """What an unrecognised or quarantined item holds is in the log already, out of other items.

    Its `causation` is that item's event; `positions` are the events that hold what it held. Where
    translating an item again gives new events, those have the causation themselves.
    """

    positions: list[int]
