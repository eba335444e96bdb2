"""The primary, asked who somebody is: nothing else knows what was revoked a moment ago."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, LiteralString, NamedTuple, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from events.database import Pool

# What is revoked is good for so much longer in a process that knows it.
REMEMBERED_S = 5.0
REMEMBERED_MAX = 10_000

Row = TypeVar("Row")
Found = TypeVar("Found")


class AccessUnavailable(Exception):
    """The database that knows keys and users does not answer."""


async def ask(pool: Pool, use: Callable[[AsyncConnection[TupleRow]], Awaitable[Found]]) -> Found:
    """Use a connection that acts as wharf_write. Raises AccessUnavailable."""
    # After a restart of the database the idle connections are dead: weed, and try once more.
    for last in (False, True):
        try:
            async with pool.connection() as conn:
                return await use(conn)
        except (PoolTimeout, PoolClosed, TooManyRequests) as error:
            raise AccessUnavailable("no connection to the database") from error
        except psycopg.OperationalError as error:
            if last:
                raise AccessUnavailable("the database does not answer") from error
            await pool.check()
    raise AssertionError("the second try has returned or raised")


class _Remembered(NamedTuple, Generic[Row]):
    row: Row
    until: float


class Remembering(Generic[Row]):
    """Finds rows by a statement with one parameter, and remembers each for some seconds."""

    def __init__(
        self, pool: Pool, statement: LiteralString, row: type[Row], remembered_s: float
    ) -> None:
        self._pool = pool
        self._statement: LiteralString = statement
        self._row = row
        self._remembered_s = remembered_s
        self._remembered: OrderedDict[str | bytes, _Remembered[Row]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._remembered)

    def knows(self, word: str | bytes) -> bool:
        """Whether it was there the last time, however long ago."""
        return word in self._remembered

    async def find(self, word: str | bytes) -> Row | None:
        """The row that the word leads to. Raises AccessUnavailable."""
        remembered = self._remembered.get(word)
        if remembered is not None and time.monotonic() < remembered.until:
            self._remembered.move_to_end(word)
            return remembered.row
        row = await ask(self._pool, lambda conn: self._look_up(conn, word))
        # A word that leads nowhere is not remembered, or made-up ones would push the others out.
        if row is None:
            self._remembered.pop(word, None)
            return None
        until = time.monotonic() + self._remembered_s
        self._remembered[word] = _Remembered(row, until)
        self._remembered.move_to_end(word)
        if len(self._remembered) > REMEMBERED_MAX:
            self._remembered.popitem(last=False)
        return row

    def forget(self, word: str | bytes) -> None:
        """Look it up again the next time."""
        self._remembered.pop(word, None)

    async def _look_up(self, conn: AsyncConnection[TupleRow], word: str | bytes) -> Row | None:
        cursor = conn.cursor(row_factory=class_row(self._row))
        return await (await cursor.execute(self._statement, (word,))).fetchone()
