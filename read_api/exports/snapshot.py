"""A snapshot that lasts: pages of a list, one after another, of one state of the tables."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from typing_extensions import override

from events.database import connect_async
from read_api.entering import BEGIN, Connection, enter
from read_api.errors import ProjectionBehind, StoreUnavailable
from read_api.reading import (
    AS_IT_IS,
    Answers,
    Freshness,
    Query,
    Reading,
    Rows,
    Then,
    ask,
)

# A page of an export may take longer than one that somebody waits for, and not for ever.
STATEMENT_MS = 60_000


class Snapshot(Reading):
    """Answers everything from one transaction, which is `position` of the inbox for as long."""

    def __init__(self, conn: Connection, cursor_key: bytes, position: int) -> None:
        self.cursor_key = cursor_key
        self.position = position
        self._conn = conn

    @override
    async def read(
        self, queries: Sequence[Query], freshness: Freshness = AS_IT_IS, then: Then | None = None
    ) -> Answers:
        found = await self._rows(queries)
        if then is not None:
            found += await self._rows(then(found))
        return Answers(found, self.position)

    @override
    async def reach(self, position: int, wait_s: float, view: str | None = None) -> None:
        if position > self.position:
            raise ProjectionBehind(position, self.position)

    async def _rows(self, queries: Sequence[Query]) -> list[Rows]:
        return [await (await ask(self._conn, query)).fetchall() for query in queries]


@asynccontextmanager
async def snapshot(url: str, cursor_key: bytes) -> AsyncIterator[Snapshot]:
    """One as of now, over a connection of its own. psycopg's errors come through."""
    async with await connect_async(url, "wharf_read", statement_timeout_ms=STATEMENT_MS) as conn:
        await conn.execute(BEGIN)
        row = await (await enter(conn, "inbox")).fetchone()
        if row is None:
            raise StoreUnavailable("a view has no active version")
        yield Snapshot(conn, cursor_key, row[0])
        await conn.execute("rollback")
