"""The ledger: what was received. It stands in the log, so its rows are handed in."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from psycopg.rows import DictRow

from read_api.models.delivery import DeliveryItem
from read_api.paging import Page

Kind = Literal["delivery", "handshake"]


class Found(NamedTuple):
    """Rows in reading order, one more than the page has if there are more, and the log's head."""

    rows: list[DictRow]
    position: int


class Whole(NamedTuple):
    """One delivery, its items, and the log's head."""

    row: DictRow
    items: list[DeliveryItem]
    position: int


class Original(NamedTuple):
    """The exact bytes of a delivery, where in them the item stands, and the log's head."""

    delivery_id: int
    body: bytes
    sha256: bytes
    secret: str
    pointer: str
    position: int


class Lag(NamedTuple):
    """The log's head, how many events a reader has not applied, and the age of the oldest."""

    head: int
    events: int
    seconds: float


class FoundEvents(NamedTuple):
    """Events, the newest first, where older ones go on, and the log's head."""

    rows: list[DictRow]
    next_before: int | None
    position: int


class FoundEvent(NamedTuple):
    """One event, the type of its cause, what it has caused, and the log's head."""

    row: DictRow
    cause_type: str | None
    caused: list[tuple[int, str]]
    position: int


class Ledger(Protocol):
    """Answers from the log. All of them raise StoreUnavailable."""

    @property
    def types(self) -> tuple[str, ...]:
        """The types of events that there are, in alphabetical order."""
        ...

    async def history(
        self,
        streams: Collection[str],
        *,
        up_to: int,
        place: int | None,
        descending: bool,
        types: Collection[str] | None,
        rows: int,
    ) -> list[DictRow]:
        """Events of streams up to a position, on from the place; see events.history."""
        ...

    async def deliveries(self, asked: Page) -> Found:
        """Deliveries by the filters outcome, from and to, in order of (received_at, id)."""
        ...

    async def delivery(self, id_: int) -> Whole | None:
        """One delivery with what became of its items."""
        ...

    async def original(self, id_: int, pointer: str = "") -> Original | None:
        """The bytes of a delivery."""
        ...

    async def original_of(self, position: int) -> Original | None:
        """The bytes of the delivery that the event at a position came out of."""
        ...

    async def brought_by(self, delivery_id: int, message_id: str) -> Sequence[tuple[int, int]]:
        """The deliveries that had a message, each with how often its bytes came."""
        ...

    async def read_at(self, streams: Sequence[str], stream: str, position: int) -> datetime | None:
        """When what stands at a position of a stream of the conversation was marked read."""
        ...

    async def attempts(self, kind: Kind, asked: Page) -> tuple[Found, list[DictRow]]:
        """Attempts of the kind delivery or handshake, and how many there were by reason."""
        ...

    async def lags(self, positions: Sequence[int]) -> list[Lag]:
        """How far behind the log a reader at each of these positions is, in their order."""
        ...

    async def events(
        self, before: int, *, type_: str | None, stream: str | None, limit: int
    ) -> FoundEvents:
        """Events in front of a position; see events.listing."""
        ...

    async def event(self, position: int) -> FoundEvent | None:
        """The event at a position."""
        ...
