"""The sweep: looks every second or so what is due, wakes the other workers, and makes it itself."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable

from read_api.exports.jobs import Connection
from read_api.exports.working import QUEUE, ExportWork, log_failure

logger = logging.getLogger(__name__)

PERIOD_S = 1.0
BROKEN_S = 5.0


class ExportSweep:
    """One thread, with one connection for as long as it holds."""

    def __init__(
        self, work: ExportWork, send: Callable[[], object], period_s: float = PERIOD_S
    ) -> None:
        self._work = work
        self._send = send
        self._period_s = period_s
        self._thread = threading.Thread(target=self._run, name="exports", daemon=True)
        self._quiet_until = 0.0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends at once; an export that is under way is given back."""
        self._work.stop()
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._sweep())

    async def _sweep(self) -> None:
        conn: Connection | None = None
        while not self._work.stopping.is_set():
            try:
                if conn is None or conn.closed:
                    conn = await self._work.connect()
                if await self._work.plan(conn):
                    self._hint()
                    await self._work.make_due(conn)
            except Exception as error:  # noqa: BLE001 (nobody would miss a sweep that has ended)
                log_failure(error)
                if conn is not None:
                    await conn.close()
            # The loop is this thread's own: nothing else waits for it.
            self._work.stopping.wait(self._period_s)
        if conn is not None:
            await conn.close()

    def _hint(self) -> None:
        if time.monotonic() < self._quiet_until:
            return
        try:
            self._send()
        except Exception as error:  # noqa: BLE001 (brokers raise several families; none may end the thread)
            self._quiet_until = time.monotonic() + BROKEN_S
            logger.warning("hint not sent", extra={"queue": QUEUE, "reason": type(error).__name__})
