"""The hub: looks for what is new, once for all open streams of the process, while there are any."""

import asyncio
import contextlib
import logging
import time
from collections import Counter, deque
from contextvars import Context

from read_api.errors import ReadError, StoreUnavailable, TooManyStreams
from read_api.live.batches import NOTHING_WAITS, Batch, first_waiting, told, waits
from read_api.live.changes import Changes, FactRows, Reached, sorted_facts
from read_api.live.kinds import FILE, NOTICE, PROGRESS

logger = logging.getLogger(__name__)

PERIOD_S = 0.1
BROKEN_S = 1.0
PROGRESS_S = 1.0
STREAMS_MAX = 500
# Whoever is further behind reloads: that costs less than being told everything.
BEHIND_MAX = 5_000
STEP = 1_000
# What a slow reader may leave unread: so many batches, and about BEHIND_MAX changes.
BATCHES_MAX = 256
READING_BACK_MAX = 3


class Seat:
    """A stream's place in the hub: the number of the batch that it reads next, once it does."""

    def __init__(self) -> None:
        self.next_batch: int | None = None


class Hub:
    """The latest batches, which all streams read from, and the task that makes them.

    Everything up to `high` was told, but for the facts in `waiting`, which the view of the files
    (at `files`) has still to come to; everything up to `complete` was told without exception.
    `asked` counts the conversations that streams are about, by the ids they were asked for with.
    """

    def __init__(
        self, changes: Changes, *, period_s: float = PERIOD_S, streams_max: int = STREAMS_MAX
    ) -> None:
        self.changes = changes
        self.closed = False
        self.high = 0
        self.files = 0
        self.waiting: FactRows = []
        self.complete = 0
        self.asked: Counter[int] = Counter()
        self.news = asyncio.Event()
        self.seats: set[Seat] = set()
        # Streams that resume, as all do after a deploy, read the log by turns.
        self.reading_back = asyncio.Semaphore(READING_BACK_MAX)
        self._period_s = period_s
        self._streams_max = streams_max
        self._batches: deque[Batch] = deque()
        self._first = 0
        self._kept = 0
        # From here to there files' changes are not told but made up for by a resync.
        self._lost_from = NOTHING_WAITS
        self._lost_to = 0
        self._broken = False
        self._building: tuple[tuple[str, int, int], ...] = ()
        self._progress_at = 0.0
        self._beginning = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None

    async def join(self) -> Seat:
        """A seat for a stream, and from now on it is known what is new.

        Raises TooManyStreams, and StoreUnavailable when the database does not answer.
        """
        if self.closed:
            raise StoreUnavailable("this process is about to end")
        if len(self.seats) >= self._streams_max:
            raise TooManyStreams(self._streams_max)
        seat = Seat()
        self.seats.add(seat)
        try:
            async with self._beginning:
                if self._looking is None:
                    await self._go_on_from(await self.changes.reached())
                    self._forget_batches()
                    # For everybody: nothing of the request that happens to be the first goes along.
                    self._looking = asyncio.create_task(
                        self._look_on(), name="streams", context=Context()
                    )
        except BaseException:
            self.leave(seat)
            raise
        return seat

    def attach(self, seat: Seat) -> None:
        """What is told next is for this seat too."""
        seat.next_batch = self._first + len(self._batches)

    def take(self, seat: Seat) -> list[Batch] | None:
        """The batches that the seat has not read yet; None when it was too slow for them."""
        number = seat.next_batch
        assert number is not None  # attached before it takes
        if number < self._first:
            return None
        self.attach(seat)
        return [self._batches[n] for n in range(number - self._first, len(self._batches))]

    def leave(self, seat: Seat) -> None:
        """The seat is free; it is already, when the stream was too slow."""
        self.seats.discard(seat)

    async def wait(self, news: asyncio.Event, wait_s: float) -> None:
        """Until there is news, or not longer than so."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await news.wait()

    async def reach(self, position: int, wait_s: float) -> None:
        """Until the position was told, or not longer than so."""
        deadline = time.monotonic() + wait_s
        while self.high < position and not self.closed:
            if (left := deadline - time.monotonic()) <= 0:
                return
            await self.wait(self.news, left)

    def close(self) -> None:
        """Every stream says good-bye, and no other is opened. Called in the event loop."""
        self.closed = True
        self._wake()

    async def stop(self) -> None:
        """As `close`, and look no more."""
        self.close()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look_on(self) -> None:
        try:
            while self.seats and not self.closed:
                await asyncio.sleep(BROKEN_S if self._broken else self._period_s)
                try:
                    await self._look()
                except ReadError as error:
                    self._set_broken(type(error).__name__)
                except Exception:
                    # Nobody would miss a look that has ended, and every stream would be silent.
                    logger.exception("looking for changes failed")
                    self._set_broken("failure")
                else:
                    self._set_broken(None)
        finally:
            self._looking = None

    async def _look(self) -> None:
        reached = await self.changes.reached()
        self._show_progress(reached)
        if reached.inbox - self.high > BEHIND_MAX:
            # As after the views have caught up with an outage.
            await self._go_on_from(reached)
            self._publish(Batch([], self.complete, {}, resync=True))
        while self.high < reached.inbox:
            to = min(self.high + STEP, reached.inbox)
            await self._tell(await self.changes.facts(self.high, to, STEP), to, reached.files)
        if any(not waits(fact, reached.files) for fact in self.waiting):
            await self._tell([], self.high, reached.files)
        self.files = max(self.files, reached.files)
        if self._lost_to and self.files >= self._lost_to:
            self._lost_from, self._lost_to = NOTHING_WAITS, 0
            self.complete = min(self.high, first_waiting(self.waiting) - 1)
            self._publish(Batch([], self.complete, {}, resync=True))

    async def _go_on_from(self, reached: Reached) -> None:
        """Leave out what was before, but for what waits for the view of the files."""
        high, files = reached.inbox, reached.files
        waiting: FactRows = []
        lost = high - files > BEHIND_MAX
        if not lost:
            waiting = await self.changes.facts(files, high, BEHIND_MAX, [FILE])
        self.high, self.files, self.waiting = high, files, waiting
        self._lost_from, self._lost_to = (files + 1, high) if lost else (NOTHING_WAITS, 0)
        self.complete = min(high, first_waiting(waiting) - 1, self._lost_from - 1)

    def _forget_batches(self) -> None:
        self._first += len(self._batches)
        self._batches.clear()
        self._kept = 0

    async def _tell(self, facts: FactRows, to: int, files: int) -> None:
        known = self.waiting + facts
        due = sorted_facts([fact for fact in known if not waits(fact, files)])
        waiting = [fact for fact in known if waits(fact, files)]
        if waiting and (self._lost_to or to - files > BEHIND_MAX):
            self._lost_from = min(self._lost_from, first_waiting(waiting))
            self._lost_to, waiting = to, []
        changes, current, _ = await self.changes.placed(due, to, list(self.asked))
        first = min(first_waiting(waiting), self._lost_from)
        batch = Batch(told(changes, first, self.high, to), min(to, first - 1), current)
        self.high, self.files, self.waiting = to, max(self.files, files), waiting
        self.complete = batch.complete
        self._publish(batch)

    def _publish(self, batch: Batch) -> None:
        self._batches.append(batch)
        self._kept += len(batch.told)
        while len(self._batches) > BATCHES_MAX or self._kept > BEHIND_MAX + STEP:
            self._kept -= len(self._batches.popleft().told)
            self._first += 1
        for seat in list(self.seats):
            if seat.next_batch is not None and seat.next_batch < self._first:
                # It ends when its client takes something again; its seat is not for sleeping.
                self.leave(seat)
        self._wake()

    def _wake(self) -> None:
        self.news.set()
        self.news = asyncio.Event()

    def _show_progress(self, reached: Reached) -> None:
        """Of versions that are being built, once a second, and once when there are none left."""
        now = time.monotonic()
        if reached.building == self._building or now < self._progress_at:
            return
        self._building, self._progress_at = reached.building, now + PROGRESS_S
        named = ("view", "version", "position")
        building = [dict(zip(named, each, strict=True)) for each in reached.building]
        content = {"building": building, "position": reached.inbox}
        self._publish(Batch([], self.complete, {}, moments=[(PROGRESS, content)]))

    def _set_broken(self, reason: str | None) -> None:
        if self._broken == (reason is not None):
            return
        self._broken = reason is not None
        if reason is not None:
            logger.warning("no changes to tell of", extra={"reason": reason})
        notice = "reads-unavailable" if reason else "reads-available"
        self._publish(Batch([], self.complete, {}, moments=[(NOTICE, {"notice": notice})]))
