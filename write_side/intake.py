"""The intake: everything that arrived while the last commit was under way goes into the next one.

There is no timer and no artificial delay: at low load a batch is one delivery. Each delivery is
answered after its own commit.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from psycopg import AsyncConnection, Error
from psycopg.rows import TupleRow

from events.append import append
from events.database import LOCK_TIMEOUT_MS, connect_async, connect_pooled
from events.dedupe import dedupe_key
from events.envelope import NewDelivery, NewEvent, Position
from events.errors import LogUnavailable, UnfitData
from write_side.errors import IntakeUnavailable
from write_side.translation.careful import quarantine_whole
from write_side.translation.channel import Source
from write_side.translation.delivery import Translation, translate

logger = logging.getLogger(__name__)

BATCH_DELIVERIES_MAX = 500
# What is being written takes several times as much: its events, their JSON, and what psycopg sends.
BATCH_BYTES_MAX = 4 * 1024 * 1024
WAITING_DELIVERIES_MAX = 2_000
# Bodies that are being read count too: they are reserved before their first byte.
WAITING_BYTES_MAX = 32 * 1024 * 1024
# Events take more memory than their body: those of a large one are made when its turn has come, so
# that what waits is what was counted.
TRANSLATED_AT_ONCE_BYTES = 64 * 1024
RECONNECT_PAUSE_S = 0.2

Stored = Callable[[Position], None]
Commit = Callable[[int, float], None]
"""Takes how many deliveries a commit had and how long it took, in seconds."""


@dataclass(eq=False)
class Arrival:
    """A verified delivery that waits for its commit."""

    body: bytes
    signature: str
    secret: str
    received_at: datetime
    committed: asyncio.Future[None]
    translation: Translation | None = None

    def translated(self) -> Translation:
        if self.translation is None:
            self.translation = translate(self.body, self.received_at)
        return self.translation

    def row(self) -> NewDelivery:
        digest = sha256(self.body)
        translation = self.translated()
        return NewDelivery(
            key=dedupe_key(translation.key_time_ms, digest.hexdigest()),
            body=self.body,
            sha256=digest.digest(),
            signature=self.signature,
            secret=self.secret,
            received_at=self.received_at,
            outcome=translation.outcome,
            ignored=tuple(translation.ignored),
        )


class Intake:
    """One task and one connection that write what the web process receives.

    `on_stored` is called with the head after each commit, in the event loop, and `on_commit` with
    its size and time; they must not block.
    """

    def __init__(
        self,
        url: str,
        on_stored: Stored = lambda position: None,
        on_commit: Commit = lambda deliveries, seconds: None,
        pooler: str | None = None,
    ) -> None:
        self._url = url
        self._pooler = pooler
        self._on_stored = on_stored
        self._on_commit = on_commit
        self._waiting: deque[Arrival] = deque()
        self._reserved_bytes = 0
        self._reserved_deliveries = 0
        self._arrived = asyncio.Event()
        self._stopping = False
        self._conn: AsyncConnection[TupleRow] | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="intake")

    async def stop(self) -> None:
        """Write what waits, then end."""
        self._stopping = True
        self._arrived.set()
        if self._task is not None:
            await self._task
        if self._conn is not None:
            await self._conn.close()

    @property
    def available(self) -> bool:
        """Whether a delivery that came now would be stored."""
        return self._conn is not None and not self._stopping

    def reserve(self, body_bytes: int) -> bool:
        """Make room for a body before it is read; False when there is none, or no database."""
        if (
            not self.available
            or self._reserved_deliveries >= WAITING_DELIVERIES_MAX
            or self._reserved_bytes + body_bytes > WAITING_BYTES_MAX
        ):
            return False
        self._reserved_deliveries += 1
        self._reserved_bytes += body_bytes
        return True

    def release(self, body_bytes: int) -> None:
        """Give back what `reserve` took, when the request is answered."""
        self._reserved_deliveries -= 1
        self._reserved_bytes -= body_bytes

    async def store(self, body: bytes, signature: str, secret: str) -> None:
        """Return after the commit of this delivery and its events.

        Raises IntakeUnavailable when it is not known to be stored; Meta sends it again, and
        what was stored after all is deduplicated.
        """
        if not self.available:
            raise IntakeUnavailable("the log is away")
        committed = asyncio.get_running_loop().create_future()
        arrival = Arrival(body, signature, secret, datetime.now(UTC), committed)
        if len(body) <= TRANSLATED_AT_ONCE_BYTES:
            arrival.translated()
        self._waiting.append(arrival)
        self._arrived.set()
        await arrival.committed

    async def _run(self) -> None:
        while True:
            if self._conn is None and not await self._reconnect():
                return
            await self._arrived.wait()
            batch = self._next_batch()
            if batch:
                await self._write_or_give_up(batch)
            elif self._stopping:
                return
            else:
                self._arrived.clear()

    def _next_batch(self) -> list[Arrival]:
        batch: list[Arrival] = []
        batch_bytes = 0
        while self._waiting and len(batch) < BATCH_DELIVERIES_MAX:
            batch_bytes += len(self._waiting[0].body)
            if batch and batch_bytes > BATCH_BYTES_MAX:
                break
            batch.append(self._waiting.popleft())
        return batch

    async def _reconnect(self) -> bool:
        attempts = 0
        while not self._stopping:
            try:
                self._conn = await self._connect()
            except (Error, OSError) as error:
                if not attempts:
                    logger.warning("no database for the intake", extra={"reason": str(error)})
                attempts += 1
                await asyncio.sleep(RECONNECT_PAUSE_S)
            else:
                if attempts:
                    logger.info("the database is back", extra={"attempts": attempts})
                return True
        return False

    async def _connect(self) -> AsyncConnection[TupleRow]:
        if self._pooler is None:
            conn = await connect_async(self._url, "wharf_write", lock_timeout_ms=LOCK_TIMEOUT_MS)
            conn.prepare_threshold = 1
            return conn
        conn = await connect_pooled(self._pooler, "wharf_write")
        try:
            # A pooler takes connections while the database is away.
            await conn.execute("select")
        except BaseException:
            await conn.close()
            raise
        return conn

    async def _write_or_give_up(self, batch: list[Arrival]) -> None:
        try:
            await self._write(batch)
        except Exception as error:
            # A fault of ours. If the task ended here, every later delivery would wait for ever.
            logger.exception("an append failed unexpectedly")
            await self._give_up(batch, LogUnavailable(type(error).__name__))

    async def _write(self, batch: list[Arrival]) -> None:
        try:
            head = await self._append(batch)
        except UnfitData as error:
            await self._bisect(batch, error)
        except LogUnavailable as error:
            await self._give_up(batch, error)
        else:
            self._on_stored(head)
            # What waits already is sent first: the server works on it while these requests go on.
            asyncio.get_running_loop().call_soon(_answer_all, batch)

    async def _append(self, batch: Sequence[Arrival]) -> Position:
        assert self._conn is not None  # _run connects before it writes
        events: list[tuple[int | None, NewEvent]] = [
            (index, event)
            for index, arrival in enumerate(batch)
            for event in arrival.translated().events
        ]
        began = time.perf_counter()
        appended = await append(self._conn, events, [arrival.row() for arrival in batch])
        self._on_commit(len(batch), time.perf_counter() - began)
        return appended.head

    async def _bisect(self, batch: list[Arrival], error: UnfitData) -> None:
        """One delivery that the database refuses must not fail its neighbours."""
        if len(batch) > 1:
            middle = len(batch) // 2
            for half in (batch[:middle], batch[middle:]):
                if self._conn is None:
                    await self._give_up(half, LogUnavailable("lost while bisecting"))
                else:
                    await self._write(half)
            return
        (arrival,) = batch
        for translation in (
            translate(arrival.body, arrival.received_at, careful=True),
            quarantine_whole(Source(arrival.body, arrival.received_at), f"refused: {error.reason}"),
        ):
            arrival.translation = translation
            try:
                head = await self._append(batch)
            except UnfitData:
                continue
            except LogUnavailable as away:
                await self._give_up(batch, away)
                return
            self._on_stored(head)
            _answer(arrival)
            return
        logger.error("a delivery is refused in every form", extra={"sqlstate": error.sqlstate})
        _answer(arrival, error)

    async def _give_up(self, batch: list[Arrival], error: LogUnavailable) -> None:
        """Nothing in the batch is known to be stored; what waits behind it is told so too."""
        logger.warning("the log is away", extra={"reason": str(error), "deliveries": len(batch)})
        if self._conn is not None and not self._conn.closed:
            await self._conn.close()
        self._conn = None
        for arrival in [*batch, *self._waiting]:
            _answer(arrival, error)
        self._waiting.clear()


def _answer_all(batch: Sequence[Arrival]) -> None:
    for arrival in batch:
        _answer(arrival)


def _answer(arrival: Arrival, error: Exception | None = None) -> None:
    if arrival.committed.done():  # the client has gone
        return
    if error is None:
        arrival.committed.set_result(None)
    else:
        arrival.committed.set_exception(IntakeUnavailable(str(error)))
