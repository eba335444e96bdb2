"""One open stream: first what was missed, out of the log, then what the hub tells."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from typing import NamedTuple

import orjson

from read_api.errors import ReadError
from read_api.live.batches import Batch, Told, first_waiting, told, waits
from read_api.live.changes import Current, FactRows, sorted_facts
from read_api.live.hub import BEHIND_MAX, STEP, Hub, Seat
from read_api.live.kinds import FILE

RETRY_MS = 2_000
KEEP_ALIVE_S = 15.0
# How often it is asked whether whoever listens still may.
CHECK_S = 5.0
REACH_S = 2.0
# What a list at position N shows of files may be older than N.
FILES_BEFORE = 1_000

BYE = b"event: bye\ndata: {}\n\n"


class Wish(NamedTuple):
    """What a stream is to tell; `numbers` None are all business numbers.

    Whoever `resumes` has had everything up to `after` from a stream, others from lists.
    """

    kinds: frozenset[str]
    conversation: int | None = None
    numbers: Collection[str] | None = None
    may_know: bool = False
    after: int | None = None
    resumes: bool = False

    def wants(self, one: Told, current: dict[int, Current]) -> bool:
        change = one.change
        if change.kind not in self.kinds:
            return False
        if self.numbers is not None and change.number not in self.numbers:
            return False
        if self.conversation is None:
            return True
        here = current.get(self.conversation)
        return here is not None and here.id in change.conversations


class Stream:
    """What one client hears, for as long as it `may_go_on`."""

    def __init__(
        self, hub: Hub, seat: Seat, wish: Wish, may_go_on: Callable[[], Awaitable[bool]]
    ) -> None:
        self._hub = hub
        self._seat = seat
        self._wish = wish
        self._may_go_on = may_go_on
        self._goes_on = True
        self._checked_at = time.monotonic()
        # The id that the client has, and the one that it could have.
        self._id = -1
        self._complete = 0
        if wish.conversation is not None:
            hub.asked[wish.conversation] += 1

    def close(self) -> None:
        """Give the seat back."""
        self._hub.leave(self._seat)
        if self._wish.conversation is not None:
            self._hub.asked[self._wish.conversation] -= 1
            self._hub.asked += {}  # leaves out what nobody asks for

    async def frames(self) -> AsyncIterator[bytes]:
        """Server-sent events, until the process ends or the client is too slow or not let in."""
        after = self._wish.after
        if after is None:
            self._hub.attach(self._seat)
        self._complete = self._hub.complete if after is None else after
        # The first id is for a client that is cut off before it has heard anything.
        yield b"retry: %d\n%s\n" % (RETRY_MS, self._id_line(self._complete))
        if after is not None:
            try:
                async for frame in self._missed(after):
                    yield frame
            except ReadError:
                # The client comes again, and goes on from where it is now.
                return
            self._hub.attach(self._seat)
        async for frame in self._live():
            yield frame

    async def _live(self) -> AsyncIterator[bytes]:
        said_at = time.monotonic()
        while True:
            news = self._hub.news
            if self._hub.closed:
                yield BYE
                return
            batches = self._hub.take(self._seat)
            if batches is None or not await self._let_in():
                return
            said = b"".join([self._say(batch) for batch in batches])
            if not said and time.monotonic() - said_at >= KEEP_ALIVE_S:
                said = b": keep-alive\n%s\n" % self._id_line(self._complete)
            if said:
                yield said
                said_at = time.monotonic()
            elif not batches:
                await self._hub.wait(news, min(CHECK_S, said_at + KEEP_ALIVE_S - time.monotonic()))

    async def _missed(self, after: int) -> AsyncIterator[bytes]:
        """What there is between `after` and the hub; when it ends, the hub goes on from there."""
        hub, wish, position = self._hub, self._wish, after
        held: FactRows = []
        if after > hub.high:
            await hub.reach(after, REACH_S)
        if FILE in wish.kinds and not wish.resumes:
            before = max(0, after - FILES_BEFORE)
            held = await hub.changes.facts(before, after, FILES_BEFORE, [FILE], wish.numbers)
        while not hub.closed and await self._let_in():
            to, files = min(position + STEP, hub.high), hub.files
            late = [fact for fact in held if not waits(fact, files)]
            if position == hub.high and not late:
                return
            if not 0 <= hub.high - position <= BEHIND_MAX:
                yield self._resync(hub.complete)
                return
            async with hub.reading_back:
                found = await hub.changes.facts(position, to, STEP, wish.kinds, wish.numbers)
                due = late + [fact for fact in found if not waits(fact, files)]
                asked = [] if wish.conversation is None else [wish.conversation]
                changes, current, _ = await hub.changes.placed(sorted_facts(due), to, asked)
            held = [fact for fact in held + found if waits(fact, files)]
            first = first_waiting([fact for fact in held if fact["position"] > after])
            if said := self._say(
                Batch(told(changes, first, position, to), min(to, first - 1), current)
            ):
                yield said
            position = to

    async def _let_in(self) -> bool:
        now = time.monotonic()
        if self._goes_on and now - self._checked_at >= CHECK_S:
            self._checked_at = now
            self._goes_on = await self._may_go_on()
        return self._goes_on

    def _say(self, batch: Batch) -> bytes:
        if batch.resync:
            return self._resync(batch.complete)
        parts = [_event(kind, said) for kind, said in batch.moments if kind in self._wish.kinds]
        for one in batch.told:
            if self._wish.wants(one, batch.current):
                parts.append(self._id_line(one.complete))
                parts.append(one.change.frame(self._wish.may_know))
        self._complete = batch.complete
        return b"".join(parts)

    def _resync(self, position: int) -> bytes:
        self._id, self._complete = position, position
        return b"id: %d\n%s" % (position, _event("resync", {"position": position}))

    def _id_line(self, position: int) -> bytes:
        """Nothing when the client has it already: then its id is the same as before."""
        if position <= self._id:
            return b""
        self._id = position
        return b"id: %d\n" % position


def _event(name: str, data: dict[str, object]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(data))
