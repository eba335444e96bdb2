"""The sweep for jobs: looks every second or so what is due, wakes other workers, lends a hand.

It is the guarantee; a hint on the queue only lets other threads and processes join in.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

logger = logging.getLogger(__name__)

PERIOD_S = 1.0
BROKEN_S = 5.0

Connection = AsyncConnection[TupleRow]


class Jobs(Protocol):
    """The jobs of one kind that one process does: downloads, or exports."""

    stopping: threading.Event

    async def connect(self) -> Connection: ...

    async def plan(self, conn: Connection) -> bool:
        """Make the jobs that are missing; whether one is due now."""
        ...

    async def do_due(self, conn: Connection) -> None:
        """Do what is due until nothing is, or until `stop`."""
        ...

    def stop(self) -> None:
        """From any thread: begin nothing more, and give back what is under way."""
        ...

    async def close(self) -> None:
        """Nobody plans any more."""
        ...

    def failed(self, error: Exception) -> None:
        """Tell what planning or doing has raised."""
        ...


class JobSweep:
    """One thread, with one connection for as long as it holds; `send` sends a hint on the queue."""

    def __init__(
        self, queue: str, jobs: Jobs, send: Callable[[], object], period_s: float = PERIOD_S
    ) -> None:
        self._queue = queue
        self._jobs = jobs
        self._send = send
        self._period_s = period_s
        self._thread = threading.Thread(target=self._run, name=queue, daemon=True)
        self._quiet_until = 0.0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends at once; what is under way is given back."""
        self._jobs.stop()
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._sweep())

    async def _sweep(self) -> None:
        conn: Connection | None = None
        while not self._jobs.stopping.is_set():
            try:
                if conn is None or conn.closed:
                    conn = await self._jobs.connect()
                if await self._jobs.plan(conn):
                    self._hint()
                    await self._jobs.do_due(conn)
            except Exception as error:  # noqa: BLE001 (nobody would miss a sweep that has ended)
                self._jobs.failed(error)
                if conn is not None:
                    await conn.close()
            # The loop is this thread's own: nothing else waits for it.
            self._jobs.stopping.wait(self._period_s)
        if conn is not None:
            await conn.close()
        await self._jobs.close()

    def _hint(self) -> None:
        if time.monotonic() < self._quiet_until:
            return
        try:
            self._send()
        except Exception as error:  # noqa: BLE001 (brokers raise several families; none may end the thread)
            self._quiet_until = time.monotonic() + BROKEN_S
            logger.warning(
                "hint not sent", extra={"queue": self._queue, "reason": type(error).__name__}
            )
