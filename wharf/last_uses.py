"""When keys and sessions were used last: written down once a minute, never by a request."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import LiteralString, TypeVar

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from events.database import Pool

logger = logging.getLogger(__name__)

PAUSE_S = 60.0

SESSIONS: LiteralString = """
update ops.sessions s
   set last_used_at = greatest(s.last_used_at, used.at)
  from unnest(%(words)s::bytea[], %(times)s::timestamptz[]) as used(word, at)
 where s.secret_hash = used.word
"""

KEYS: LiteralString = """
update ops.api_keys k
   set last_used_at = greatest(k.last_used_at, used.at)
  from unnest(%(words)s::text[], %(times)s::timestamptz[]) as used(word, at)
 where k.id = used.word
"""

Word = TypeVar("Word", str, bytes)


class LastUses:
    """One task that writes what was noted; it is as much as there are keys and sessions in use.

    What was noted since the last time is lost with a process that is killed.
    """

    def __init__(self, pool: Pool, pause_s: float = PAUSE_S) -> None:
        self._pool = pool
        self._pause_s = pause_s
        self._sessions: dict[bytes, datetime] = {}
        self._keys: dict[str, datetime] = {}
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def note_session(self, secret_hash: bytes) -> None:
        self._sessions[secret_hash] = datetime.now(UTC)

    def note_key(self, id_: str) -> None:
        self._keys[id_] = datetime.now(UTC)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="last uses")

    async def stop(self) -> None:
        """Write what is left, once, then end."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(self._pause_s):
                    await self._stopping.wait()
            except TimeoutError:
                await self.write()
        await self.write()

    async def write(self) -> None:
        """What the database does not take now is written the next time."""
        await self._write(SESSIONS, self._sessions)
        await self._write(KEYS, self._keys)

    async def _write(self, statement: LiteralString, noted: dict[Word, datetime]) -> None:
        if not noted:
            return
        words = dict(noted)
        noted.clear()
        try:
            async with self._pool.connection() as conn:
                facts = {"words": list(words), "times": list(words.values())}
                await conn.execute(statement, facts)
        except (psycopg.Error, PoolTimeout, PoolClosed, TooManyRequests) as error:
            logger.warning("last uses are not written down yet", extra={"reason": str(error)})
            noted.update(words | noted)
