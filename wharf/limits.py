"""Limits: how often one caller may ask, counted in this process by buckets that fill up again.

A bucket holds what may be asked in a minute and fills at that pace, so that a client that works
through pages goes on as fast as it fills, and one that was idle may begin with a burst.
"""

import math
from collections import OrderedDict
from collections.abc import Mapping
from time import monotonic
from typing import NamedTuple

WINDOW_S = 60
# Of those asked last; who is forgotten begins with a full one.
BUCKETS_MAX = 10_000


class RateLimited(Exception):
    """The caller has asked too often: go on after `retry_after_s` seconds."""

    def __init__(self, left: "Left") -> None:
        super().__init__(f"{left.quota} requests a minute are allowed, and these were more")
        self.retry_after_s = left.wait_s
        self.headers = {**left.headers(), "Retry-After": str(left.wait_s)}


class Left(NamedTuple):
    """What one caller has left of a quota: `full_s` seconds until all of it, `wait_s` until one."""

    quota: int
    requests: int
    full_s: int
    wait_s: int

    def headers(self) -> Mapping[str, str]:
        """As the IETF's draft on RateLimit fields has them."""
        return {
            "RateLimit-Policy": f'"default";q={self.quota};w={WINDOW_S}',
            "RateLimit": f'"default";r={self.requests};t={self.full_s}',
        }


class Buckets:
    """One bucket for each who, each with `quota` requests a minute; a quota of 0 is no limit."""

    def __init__(self, quota: int) -> None:
        self._quota = quota
        self._filled: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> Left | None:
        """Count one request. Raises RateLimited for one too many; None where nothing is limited."""
        if not self._quota:
            return None
        content, now = self._content(who)
        if content < 1:
            raise RateLimited(self._left(content))
        self._filled[who] = (content - 1, now)
        self._filled.move_to_end(who)
        if len(self._filled) > BUCKETS_MAX:
            self._filled.popitem(last=False)
        return self._left(content - 1)

    def is_empty(self, who: str) -> bool:
        return bool(self._quota) and self._content(who)[0] < 1

    def _content(self, who: str) -> tuple[float, float]:
        now = monotonic()
        content, at = self._filled.get(who, (float(self._quota), now))
        return min(self._quota, content + (now - at) * self._quota / WINDOW_S), now

    def _left(self, content: float) -> Left:
        pace = self._quota / WINDOW_S
        full_s = math.ceil((self._quota - content) / pace)
        return Left(self._quota, int(content), full_s, max(1, math.ceil((1 - content) / pace)))
