"""The keyring: checks keys, and for some seconds remembers those it looked up."""

import time
from collections import OrderedDict
from datetime import UTC, datetime
from typing import NamedTuple

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from wharf.keys import FIND, ApiKey, split

# A revoked key is good for so much longer in a process that knows it.
REMEMBERED_S = 5.0
REMEMBERED_MAX = 1_000


class KeysUnavailable(Exception):
    """The database that knows the keys does not answer."""


class _Remembered(NamedTuple):
    key: ApiKey
    until: float


class Keyring:
    """Looks keys up on the primary, by a pool of connections that act as wharf_write."""

    def __init__(
        self,
        pool: AsyncConnectionPool[AsyncConnection[TupleRow]],
        remembered_s: float = REMEMBERED_S,
    ) -> None:
        self._pool = pool
        self._remembered_s = remembered_s
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()

    async def check(self, token: str) -> ApiKey | None:
        """The key that this token opens with; None whatever is wrong with it.

        Raises KeysUnavailable.
        """
        parts = split(token)
        if parts is None:
            return None
        id_, secret = parts
        key = self._recall(id_) or await self._look_up(id_)
        return key if key is not None and key.accepts(secret, datetime.now(UTC)) else None

    def _recall(self, id_: str) -> ApiKey | None:
        remembered = self._remembered.get(id_)
        if remembered is None or remembered.until < time.monotonic():
            return None
        self._remembered.move_to_end(id_)
        return remembered.key

    async def _look_up(self, id_: str) -> ApiKey | None:
        key = await self._find(id_)
        # An id that nobody has is not remembered, or made-up ones would push the real ones out.
        if key is not None:
            self._remembered[id_] = _Remembered(key, time.monotonic() + self._remembered_s)
            self._remembered.move_to_end(id_)
            if len(self._remembered) > REMEMBERED_MAX:
                self._remembered.popitem(last=False)
        return key

    async def _find(self, id_: str) -> ApiKey | None:
        # After a restart of the database the idle connections are dead: weed, and try once more.
        for last in (False, True):
            try:
                async with self._pool.connection() as conn:
                    cursor = conn.cursor(row_factory=class_row(ApiKey))
                    return await (await cursor.execute(FIND, {"id": id_})).fetchone()
            except (PoolTimeout, PoolClosed, TooManyRequests) as error:
                raise KeysUnavailable("no connection to the database") from error
            except psycopg.OperationalError as error:
                if last:
                    raise KeysUnavailable("the database does not answer") from error
                await self._pool.check()
        raise AssertionError("the second try has returned or raised")
