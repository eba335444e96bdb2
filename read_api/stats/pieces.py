"""Pieces: a range cut into the widest rows that were counted, with narrower ones at its edges.

A day of a zone is three quarters of a day of UTC and some hours before and after them; where a
zone's hours begin at the half, some quarters of an hour as well. Times are quarters since 1970.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from read_api.stats.ranges import EPOCH, QUARTER

QUARTER_S = 900
QUARTER_MINUTES = 15
# As projections/stats/counts.py counts, in quarters of an hour, the widest first.
WIDTHS = (24, 4, 1)
HOUR = 4


class Stretch(NamedTuple):
    """From `since` until `until`, within the bucket of that number."""

    since: int
    until: int
    bucket: int


def quarter(at: datetime) -> int:
    """The one that the moment is in."""
    return (at - EPOCH) // QUARTER


def stretches(begins: Sequence[datetime], until: datetime) -> list[Stretch]:
    """Each bucket as a whole."""
    edges = [quarter(at) for at in (*begins, until)]
    return [Stretch(*span, n) for n, span in enumerate(pairwise(edges))]


def within(parts: Iterable[Stretch], spans: Sequence[tuple[int, int]]) -> list[Stretch]:
    """What of the parts lies within the spans; both are in order, and neither overlap."""
    found: list[Stretch] = []
    first = 0
    for part in parts:
        while first < len(spans) and spans[first][1] <= part.since:
            first += 1
        at = first
        while at < len(spans) and spans[at][0] < part.until:
            since, until = spans[at]
            found.append(Stretch(max(since, part.since), min(until, part.until), part.bucket))
            at += 1
    return found


def cut_at(parts: Iterable[Stretch], at: int) -> Iterator[Stretch]:
    """The same, none of them both before and after a moment."""
    for part in parts:
        if part.since < at < part.until:
            yield part._replace(until=at)
            yield part._replace(since=at)
        else:
            yield part


def pieces(parts: Iterable[Stretch], widest: int = WIDTHS[0]) -> dict[str, list[int]]:
    """What a statement takes to find the rows that make up the parts, each once.

    Minutes of rows no wider than `widest`, seconds since 1970 from and to which these are wanted,
    and the bucket.
    """
    allowed = [width for width in WIDTHS if width <= widest]
    found = [
        (width, since, until, part.bucket)
        for part in parts
        for width, since, until in _pieces(part.since, part.until, allowed)
    ]
    return {
        "widths": [QUARTER_MINUTES * width for width, *_ in found],
        "sinces": [QUARTER_S * since for _, since, _, _ in found],
        "untils": [QUARTER_S * until for _, _, until, _ in found],
        "buckets": [bucket for *_, bucket in found],
    }


def _pieces(since: int, until: int, widths: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Width, from, to: at most one of the widest, and what is left on either side of it."""
    if since >= until:
        return
    width, *narrower = widths
    first, last = since + -since % width, until - until % width
    if first >= last:
        yield from _pieces(since, until, narrower)
        return
    yield from _pieces(since, first, narrower)
    yield width, first, last
    yield from _pieces(last, until, narrower)
