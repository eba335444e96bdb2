"""Pasts: a conversation as it was, from the log and by the views' own statements."""

import asyncio
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg import Connection

from events.database import connect
from events.envelope import Position
from events.read import position_at
from projections import projector
from projections.past import NoPast, past
from read_api.errors import StoreUnavailable
from read_api.pasts import AsOf, Cause, Moment
from read_api.reading import Query, Rows, Then
from wharf.explaining import message_causes, rows

# So many at once, each with a connection and a thread; others wait for their turn.
ASKERS_MAX = 2
WAIT_S = 5.0
STATEMENT_TIMEOUT_MS = 5_000

_TIME_OF: LiteralString = "select recorded_at from log.events where position = %s"

T = TypeVar("T")


class LogPasts:
    """What read_api.pasts.Pasts promises."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._seats = asyncio.Semaphore(ASKERS_MAX)
        self._lock = threading.Lock()
        self._idle: list[Connection[Any]] = []
        self._closed = False

    async def moment(self, as_of: AsOf) -> Moment | None:
        return await self._ask(lambda conn: _moment(conn, as_of))

    async def rows(
        self,
        ids: Sequence[int],
        position: int,
        queries: Sequence[Query],
        then: Then | None,
        allowed: Collection[str] | None,
    ) -> list[Rows]:
        def ask(conn: Connection[Any]) -> list[Rows]:
            with past(conn, ids, Position(position), allowed):
                found = [rows(conn, query) for query in queries]
                more = [] if then is None else then(found)
                return [*found, *(rows(conn, query) for query in more)]

        return await self._ask(ask)

    async def causes(
        self, id_: int, position: int, allowed: Collection[str] | None
    ) -> tuple[Mapping[str, object], list[Cause]]:
        return await self._ask(lambda conn: message_causes(conn, id_, Position(position), allowed))

    def close(self) -> None:
        """Whoever is still at it closes its connection itself."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()

    async def _ask(self, ask: Callable[[Connection[Any]], T]) -> T:
        try:
            await asyncio.wait_for(self._seats.acquire(), WAIT_S)
        except TimeoutError as error:
            raise StoreUnavailable("too many ask after the past at once") from error
        try:
            return await asyncio.to_thread(self._answered, ask)
        except psycopg.errors.QueryCanceled as error:
            raise StoreUnavailable("the answer took too long; ask for less") from error
        except NoPast as error:
            raise StoreUnavailable(str(error)) from error
        except psycopg.OperationalError as error:
            raise StoreUnavailable("the database does not answer") from error
        finally:
            self._seats.release()

    def _answered(self, ask: Callable[[Connection[Any]], T]) -> T:
        conn = self._taken()
        if conn is not None:
            try:
                return self._used(conn, ask)
            except psycopg.OperationalError:
                # After a restart of the database an idle connection is dead: try a new one.
                if not conn.closed:
                    raise
        conn = connect(self._url, "wharf_project", statement_timeout_ms=STATEMENT_TIMEOUT_MS)
        projector.prepare(conn)
        return self._used(conn, ask)

    def _taken(self) -> Connection[Any] | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _used(self, conn: Connection[Any], ask: Callable[[Connection[Any]], T]) -> T:
        try:
            return ask(conn)
        finally:
            with self._lock:
                if self._closed or conn.closed:
                    conn.close()
                else:
                    self._idle.append(conn)


def _moment(conn: Connection[Any], as_of: AsOf) -> Moment | None:
    if isinstance(as_of, datetime):
        return Moment(position_at(conn, as_of), as_of)
    if as_of == 0:
        return Moment(0, datetime.min.replace(tzinfo=UTC))
    row = conn.execute(_TIME_OF, (as_of,)).fetchone()
    return None if row is None else Moment(as_of, row[0])
