"""Working: makes the exports that are due, whoever asks, and forgets the old ones.

A hint on the queue `exports` only says that there is something; the sweep finds it without one.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable

import dramatiq
import psycopg
from dramatiq.broker import Broker

from events.database import LOCK_TIMEOUT_MS, connect_async
from read_api.errors import ReadError, StoreUnavailable
from read_api.exports import jobs
from read_api.exports.folder import TooLarge
from read_api.exports.jobs import Connection, Job
from read_api.exports.making import LeaseLost, Places, make

logger = logging.getLogger(__name__)

QUEUE = "exports"
TIDY_S = 300.0


class ExportWork:
    """The exports that one process makes."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._tidy_at = 0.0
        self.stopping = threading.Event()
        self._making: set[asyncio.Task[object]] = set()

    async def connect(self) -> Connection:
        return await connect_async(self._places.url, "wharf_write", lock_timeout_ms=LOCK_TIMEOUT_MS)

    async def plan(self, conn: Connection) -> bool:
        """Tidy up now and then; whether something is due."""
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + TIDY_S
            folder = self._places.folder
            for name in await jobs.drop(conn, folder.bytes_max):
                folder.remove(name)
            folder.clear(await jobs.files(conn))
        return not self.stopping.is_set() and await jobs.is_due(conn)

    async def do_due(self, conn: Connection) -> None:
        """Make what is due until nothing is, or until `stop`."""
        task = asyncio.current_task()
        assert task is not None  # whoever awaits is in a task
        self._making.add(task)
        try:
            while not self.stopping.is_set() and (job := await jobs.claim(conn)) is not None:
                await self._make(conn, job)
        except asyncio.CancelledError:
            if not self.stopping.is_set():
                raise
            task.uncancel()
        finally:
            self._making.discard(task)

    async def _make(self, conn: Connection, job: Job) -> None:
        try:
            made = await make(conn, self._places, job)
        except LeaseLost:
            return
        except asyncio.CancelledError:
            await jobs.again(conn, job, None, counted=False)
            raise
        except TooLarge:
            await jobs.fail(conn, job, "it is larger than all exports may be together")
        except (StoreUnavailable, psycopg.OperationalError) as error:
            await self._again(conn, job, error)
        except ReadError as error:
            # The list itself refuses it, as it would have refused a page.
            await jobs.fail(conn, job, str(error))
        except OSError as error:
            logger.exception("an export could not be written")
            await self._again(conn, job, error)
        except Exception as error:
            logger.exception("an export failed")
            await self._again(conn, job, error)
        else:
            if not await jobs.finish(conn, job, made):
                self._places.folder.remove(made.file)
            # So that what is kept together stays within its bound.
            self._tidy_at = 0.0

    async def _again(self, conn: Connection, job: Job, error: Exception) -> None:
        reason = str(error) if isinstance(error, ReadError) else type(error).__name__
        if job.attempts >= jobs.ATTEMPTS_MAX:
            await jobs.fail(conn, job, reason)
        else:
            await jobs.again(conn, job, reason, counted=True)

    def stop(self) -> None:
        """From any thread: begin nothing more, and give back what is under way."""
        self.stopping.set()
        for task in list(self._making):
            task.get_loop().call_soon_threadsafe(self._cancel, task)

    def _cancel(self, task: asyncio.Task[object]) -> None:
        if task in self._making:
            task.cancel()

    def work(self) -> None:
        """As `do_due`, from a thread; never raises."""

        async def connected() -> None:
            async with await self.connect() as conn:
                await self.do_due(conn)

        try:
            asyncio.run(connected())
        except Exception as error:  # noqa: BLE001 (the edge of the process)
            self.failed(error)

    async def close(self) -> None:
        """There is nothing that outlives a connection."""

    def failed(self, error: Exception) -> None:
        """A database that is away is tried again by the next sweep; anything else is a fault."""
        if isinstance(error, psycopg.OperationalError):
            logger.warning("no database for exports", extra={"reason": type(error).__name__})
        else:
            logger.error("exporting failed", exc_info=error)


def declare_actor(broker: Broker, work: Callable[[], None]) -> Callable[[], object]:
    """The actor that hints wake up; answers the function that sends one."""
    return dramatiq.Actor(
        work, broker=broker, actor_name="make_exports", queue_name=QUEUE, priority=0, options={}
    ).send
