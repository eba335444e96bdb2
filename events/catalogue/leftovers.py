"""What translation keeps without understanding it."""

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
