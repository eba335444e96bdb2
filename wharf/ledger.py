"""The ledger over the log: the questions of the read side that its role may not ask."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, TupleRow
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from events import arrivals, deliveries
from events.catalogue import CATALOGUE
from events.database import Pool
from events.facts import read_facts
from events.history import read_history
from events.items import items_of
from events.lag import read_lags
from events.listing import kin_of, list_events, read_event
from events.read import head
from read_api.errors import StoreUnavailable
from read_api.ledger import Found, FoundEvent, FoundEvents, Kind, Lag, Original, Whole
from read_api.paging import Page
from write_side import attempt_store

T = TypeVar("T")
Connection = AsyncConnection[TupleRow]


class LogLedger:
    """What read_api.ledger.Ledger promises, on a pool of connections that can look at the log."""

    types = tuple(sorted(CATALOGUE))

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def head(self) -> int:
        """The last position of the log, as the primary has it."""
        return await self._ask(head)

    async def deliveries(self, asked: Page) -> Found:
        async def ask(conn: Connection) -> Found:
            rows = await deliveries.list_deliveries(
                conn,
                asked.filters,
                None if asked.place is None else asked.place.key,
                descending=asked.descending,
                rows=asked.limit + 1,
            )
            return Found(rows, await head(conn))

        return await self._ask(ask)

    async def delivery(self, id_: int) -> Whole | None:
        async def ask(conn: Connection) -> Whole | None:
            row = await deliveries.read_delivery(conn, id_)
            if row is None:
                return None
            return Whole(row, await items_of(conn, id_), await head(conn))

        return await self._ask(ask)

    async def original(self, id_: int, pointer: str = "") -> Original | None:
        return await self._ask(lambda conn: _original(conn, id_, pointer))

    async def original_of(self, position: int) -> Original | None:
        async def ask(conn: Connection) -> Original | None:
            origin = await deliveries.origin_of(conn, position)
            if origin is None:
                return None
            return await _original(conn, origin.delivery_id, origin.pointer)

        return await self._ask(ask)

    async def brought_by(self, delivery_id: int, message_id: str) -> list[tuple[int, int]]:
        return await self._ask(lambda conn: arrivals.brought_by(conn, delivery_id, message_id))

    async def read_at(self, streams: Sequence[str], stream: str, position: int) -> datetime | None:
        return await self._ask(lambda conn: arrivals.read_at(conn, streams, stream, position))

    async def attempts(self, kind: Kind, asked: Page) -> tuple[Found, list[DictRow]]:
        async def ask(conn: Connection) -> tuple[Found, list[DictRow]]:
            rows = await attempt_store.latest(
                conn,
                kind,
                None if asked.place is None else asked.place.key,
                descending=asked.descending,
                rows=asked.limit + 1,
            )
            return Found(rows, await head(conn)), await attempt_store.counts_of(conn, kind)

        return await self._ask(ask)

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
        return await self._ask(
            lambda conn: read_history(
                conn,
                streams,
                up_to=up_to,
                place=place,
                descending=descending,
                types=types,
                rows=rows,
            )
        )

    async def facts(
        self,
        after: int,
        to: int,
        *,
        types: Collection[str],
        numbers: Collection[str] | None = None,
        limit: int,
    ) -> list[DictRow]:
        """What read_api.live.changes.Facts promises."""
        return await self._ask(
            lambda conn: read_facts(conn, after, to, types=types, numbers=numbers, limit=limit)
        )

    async def lags(self, positions: Sequence[int]) -> list[Lag]:
        async def ask(conn: Connection) -> list[Lag]:
            return [Lag(*each) for each in await read_lags(conn, positions)]

        return await self._ask(ask)

    async def events(
        self, before: int, *, type_: str | None, stream: str | None, limit: int
    ) -> FoundEvents:
        async def ask(conn: Connection) -> FoundEvents:
            newest = await head(conn)
            found = await list_events(
                conn, min(before, newest + 1), type_=type_, stream=stream, limit=limit
            )
            return FoundEvents(found.events, found.next_before, newest)

        return await self._ask(ask)

    async def event(self, position: int) -> FoundEvent | None:
        async def ask(conn: Connection) -> FoundEvent | None:
            row = await read_event(conn, position)
            if row is None:
                return None
            kin = await kin_of(conn, position, row["causation"])
            return FoundEvent(row, kin.cause_type, kin.caused, await head(conn))

        return await self._ask(ask)

    async def _ask(self, ask: Callable[[Connection], Awaitable[T]]) -> T:
        # After a restart of the database the idle connections are dead: weed, and try once more.
        for last in (False, True):
            try:
                async with self._pool.connection() as conn:
                    return await ask(conn)
            except psycopg.errors.QueryCanceled as error:
                raise StoreUnavailable("the answer took too long; ask for less") from error
            except (PoolTimeout, PoolClosed, TooManyRequests) as error:
                raise StoreUnavailable("no connection to the database") from error
            except psycopg.OperationalError as error:
                if last:
                    raise StoreUnavailable("the database does not answer") from error
                await self._pool.check()
        raise AssertionError("the second try has returned or raised")


async def _original(conn: Connection, delivery_id: int, pointer: str) -> Original | None:
    found = await deliveries.read_body(conn, delivery_id)
    if found is None:
        return None
    return Original(
        found.id,
        bytes(found.body),
        bytes(found.sha256),
        found.secret,
        pointer,
        await head(conn),
    )
