"""Attempts at the webhook that stored nothing, and handshakes: remembered off the hot path.

Nothing that is noted here comes from the content of a request, and what is kept is bounded, in
memory as in the database: anybody can send as many wrong signatures as they like.
"""

import asyncio
import ipaddress
import logging
from collections import Counter, deque
from datetime import UTC, datetime
from typing import NamedTuple

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests
from starlette.types import Scope

from events.database import Pool
from write_side.attempt_store import KINDS, Kind, record

logger = logging.getLogger(__name__)

# Of each kind, between two writes; more are counted and not listed.
REMEMBERED_MAX = 100
# Hours times reasons, for a database that is away for days.
COUNTS_MAX = 1_000
PAUSE_S = 1.0


class Attempt(NamedTuple):
    """One that is listed; `network` is the sender's address without its last part."""

    kind: Kind
    at: datetime
    reason: str
    body_bytes: int | None
    network: str | None


class Attempts:
    """One task that writes down what was noted, about once a second while there is something."""

    def __init__(self, pool: Pool, pause_s: float = PAUSE_S) -> None:
        self._pool = pool
        self._pause_s = pause_s
        self._latest = {kind: deque[Attempt](maxlen=REMEMBERED_MAX) for kind in KINDS}
        self._counts: Counter[tuple[datetime, Kind, str]] = Counter()
        self._noted = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def note(self, kind: Kind, scope: Scope, reason: str, body_bytes: int | None = None) -> None:
        """Remember an attempt; `reason` is one of ours, so that there are few of them."""
        now = datetime.now(UTC)
        counted = (now.replace(minute=0, second=0, microsecond=0), kind, reason)
        if counted in self._counts or len(self._counts) < COUNTS_MAX:
            self._counts[counted] += 1
        self._latest[kind].append(Attempt(kind, now, reason, body_bytes, network_of(scope)))
        self._noted.set()

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="attempts")

    async def stop(self) -> None:
        """Write what is left, once, then end."""
        self._stopping.set()
        self._noted.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not self._stopping.is_set():
            await self._noted.wait()
            self._noted.clear()
            await self._write()
            try:
                async with asyncio.timeout(self._pause_s):
                    await self._stopping.wait()
            except TimeoutError:
                pass
        await self._write()

    async def _write(self) -> None:
        latest = [attempt for attempts in self._latest.values() for attempt in attempts]
        counts = self._counts
        if not counts:
            return
        self._counts = Counter()
        for attempts in self._latest.values():
            attempts.clear()
        try:
            async with self._pool.connection() as conn:
                await record(conn, latest, counts)
        except (psycopg.Error, PoolTimeout, PoolClosed, TooManyRequests) as error:
            logger.warning("attempts are not written down yet", extra={"reason": str(error)})
            self._take_back(latest, counts)

    def _take_back(
        self, latest: list[Attempt], counts: Counter[tuple[datetime, Kind, str]]
    ) -> None:
        """For the next time; what was noted meanwhile is newer, so it stays if room is short."""
        for attempt in reversed(latest):
            attempts = self._latest[attempt.kind]
            if len(attempts) < REMEMBERED_MAX:
                attempts.appendleft(attempt)
        counts.update(self._counts)
        self._counts = counts
        self._noted.set()


def network_of(scope: Scope) -> str | None:
    """The network that a request came from: 24 bits of an IPv4 address, 48 of an IPv6 one."""
    client = scope.get("client")
    if not client:
        return None
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return None
    bits = 24 if address.version == 4 else 48
    return str(ipaddress.ip_network((address, bits), strict=False))
