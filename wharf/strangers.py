"""Strangers: those whose key, cookie or link this process has never seen to be good.

To look one up costs the database something, so whoever keeps coming with wrong ones is slowed
down. By network, since addresses are cheap; but a network can be a proxy, with everybody behind it.
So who comes with a good one is let in also then, and nobody can lock others out: what is known
here is not held up at all, and what is not yet waits in a short queue for its turn.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request

from wharf.limits import Buckets
from write_side.attempts import network_of

# A minute, from one network.
WRONG_MAX = 60
WAITING_MAX = 20


class Strangers:
    """Counts who was wrong, by network."""

    def __init__(self, wrong_max: int = WRONG_MAX) -> None:
        self._wrong = Buckets(wrong_max)
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0

    @asynccontextmanager
    async def looked_up(self, request: Request) -> AsyncIterator[None]:
        """To look something up that is not known here.

        Raises RateLimited when the network is over its limit and others wait already.
        """
        network = network_of(request.scope) or ""
        if not self._wrong.is_empty(network):
            yield
            return
        if self._waiting >= WAITING_MAX:
            self._wrong.take(network)
        self._waiting += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting -= 1

    def was_wrong(self, request: Request) -> None:
        """Count one. Raises RateLimited when there were too many, which is its answer then."""
        self._wrong.take(network_of(request.scope) or "")
