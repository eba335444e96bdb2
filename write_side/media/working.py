"""Working: makes jobs of what is pending and does those that are due, whoever asks.

A hint on the queue `media` only says that there is something; the sweep finds it without one.
Threads of their own, so that a slow download holds no projector up.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import dramatiq
import psycopg
from dramatiq.broker import Broker

from events.database import LOCK_TIMEOUT_MS, connect_async
from events.errors import LogUnavailable
from write_side.media import downloading, jobs
from write_side.media.downloading import Fetch
from write_side.media.jobs import Connection, Pending

logger = logging.getLogger(__name__)

QUEUE = "media"
PAGE = 500
# Everything pending is looked at again now and then: what was overtaken on the way is found.
LOOK_AGAIN_S = 300.0
BROKEN_S = 5.0


class FindPending(Protocol):
    """The read side's answer to "which files are pending?": those asked for after a position."""

    def __call__(self, after: int, limit: int) -> Awaitable[Sequence[Pending]]: ...


class MediaWork:
    """The jobs of one process. Without a `fetcher` (there is no token) files only expire."""

    def __init__(
        self,
        url: str,
        find_pending: FindPending,
        fetcher: Fetch | None,
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._url = url
        self._close = close
        self._find_pending = find_pending
        self._fetcher = fetcher
        self._seen = 0
        self._look_again_at = 0.0
        self._paused_until = 0.0
        self.stopping = threading.Event()
        self._downloading: set[asyncio.Task[object]] = set()

    async def connect(self) -> Connection:
        return await connect_async(self._url, "wharf_write", lock_timeout_ms=LOCK_TIMEOUT_MS)

    async def plan(self, conn: Connection) -> bool:
        """Make the jobs that are missing, give up what has expired; whether a job is due now."""
        if time.monotonic() >= self._look_again_at:
            self._seen, self._look_again_at = 0, time.monotonic() + LOOK_AGAIN_S
            if self._fetcher is not None:
                self._fetcher.clear_leftovers()
        while pending := await self._find_pending(self._seen, PAGE):
            await jobs.open_jobs(conn, pending)
            self._seen = pending[-1].asked
        if self._fetcher is None:
            while not self.stopping.is_set() and await downloading.expire_one(conn):
                pass
        if soon := await jobs.expiring(conn):
            logger.warning(
                "media will expire", extra={"files": len(soon), "first_at": soon[0].isoformat()}
            )
        return not self._resting() and await jobs.is_due(conn)

    async def do_due(self, conn: Connection) -> None:
        """Do what is due until nothing is, or until `stop`."""
        task = asyncio.current_task()
        assert task is not None  # whoever awaits is in a task
        self._downloading.add(task)
        try:
            while self._fetcher is not None and not self._resting():
                pause_s = await downloading.download_one(conn, self._fetcher)
                if pause_s is None:
                    return
                if pause_s:
                    self._paused_until = time.monotonic() + pause_s
        except asyncio.CancelledError:
            if not self.stopping.is_set():
                raise
            task.uncancel()
        finally:
            self._downloading.discard(task)

    def stop(self) -> None:
        """From any thread: begin nothing more, and give back the jobs that are under way."""
        self.stopping.set()
        for task in list(self._downloading):
            task.get_loop().call_soon_threadsafe(self._cancel, task)

    def _cancel(self, task: asyncio.Task[object]) -> None:
        if task in self._downloading:
            task.cancel()

    async def close(self) -> None:
        """Nobody plans any more."""
        if self._close is not None:
            await self._close()

    def download_due(self) -> None:
        """As `do_due`, from a thread; never raises."""

        async def connected() -> None:
            async with await self.connect() as conn:
                await self.do_due(conn)

        try:
            asyncio.run(connected())
        except Exception as error:  # noqa: BLE001 (the edge of the process)
            self.failed(error)

    def failed(self, error: Exception) -> None:
        """A database that is away is tried again by the next sweep; anything else is a fault."""
        if isinstance(error, psycopg.OperationalError | LogUnavailable):
            logger.warning("no database for media", extra={"reason": type(error).__name__})
        else:
            logger.error("media work failed", exc_info=error)

    def _resting(self) -> bool:
        paused = time.monotonic() < self._paused_until
        return self._fetcher is None or paused or self.stopping.is_set()


def declare_actor(broker: Broker, work: Callable[[], None]) -> Callable[[], object]:
    """The actor that hints wake up; answers the function that sends one."""
    return dramatiq.Actor(
        work, broker=broker, actor_name="download_media", queue_name=QUEUE, priority=0, options={}
    ).send
