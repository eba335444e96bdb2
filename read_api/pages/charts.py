"""Charts: where in a drawing things are. The drawing is SVG, and takes neither script nor style.

A plot is HEIGHT units high, and each of its buckets is STEP wide. It is stretched in width alone,
so what is to be read stands beside it, and lines are drawn with a stroke that does not scale.
"""

from collections.abc import Sequence
from itertools import groupby
from math import ceil, floor, log10
from typing import NamedTuple

HEIGHT = 180
STEP = 10
GAP = 1.5
TICKS = 4
# Where a scale of times has a line: a second to a week.
_TIMES = (1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800)


class Tick(NamedTuple):
    """A line across the plot, and what it stands for."""

    y: float
    value: int


class Bar(NamedTuple):
    """A part of a column."""

    x: float
    y: float
    width: float
    height: float


class Scale(NamedTuple):
    """Values from `least` up to `most`, as heights above the plot's floor."""

    most: float
    least: float = 0
    logarithmic: bool = False

    def y(self, value: float) -> float:
        """Counted from above, as SVG does."""
        share = (value - self.least) / (self.most - self.least)
        if self.logarithmic:
            share = log10(max(value, self.least) / self.least) / log10(self.most / self.least)
        return round(HEIGHT * (1 - max(0.0, min(share, 1.0))), 2)


def counts(values: Sequence[int]) -> tuple[Scale, list[Tick]]:
    """A scale that ends at a round number, and its lines; all are whole numbers."""
    most = max(values, default=0)
    step = max(1, round_up(most / TICKS))
    top = step * max(1, ceil(most / step))
    scale = Scale(top)
    return scale, [Tick(scale.y(value), value) for value in range(0, top + 1, step)]


def round_up(value: float) -> int:
    """To 1, 2 or 5 and noughts."""
    if value <= 1:
        return 1
    power = 10 ** floor(log10(value))
    return int(next(each * power for each in (1, 2, 5, 10) if each * power >= value))


def times(values: Sequence[float | None]) -> tuple[Scale, list[Tick]]:
    """Seconds on a logarithmic scale, so that minutes stay visible beside days."""
    known = [value for value in values if value is not None]
    shortest, longest = min(known, default=60), max(known, default=600)
    least = max((time for time in _TIMES[:-1] if time <= shortest), default=1)
    most = next((time for time in _TIMES if time >= longest and time > least), longest)
    scale = Scale(most, least, logarithmic=True)
    return scale, [Tick(scale.y(time), time) for time in _TIMES if least <= time <= most]


def columns(scale: Scale, parts: Sequence[Sequence[int]]) -> list[list[Bar]]:
    """For each bucket its parts, standing upon each other."""
    found: list[list[Bar]] = []
    for place, values in enumerate(parts):
        bars, below = [], 0
        for value in values:
            top, floor_ = scale.y(below + value), scale.y(below)
            bars.append(Bar(place * STEP + GAP, top, STEP - 2 * GAP, round(floor_ - top, 2)))
            below += value
        found.append(bars)
    return found


def lines(scale: Scale, values: Sequence[float | None]) -> list[str]:
    """The points of each stretch without a gap, as a polyline takes them."""
    points = [
        None if value is None else f"{place * STEP + STEP / 2:g},{scale.y(value):g}"
        for place, value in enumerate(values)
    ]
    stretches = [
        [point for point in stretch if point is not None]
        for there, stretch in groupby(points, key=lambda point: point is not None)
        if there
    ]
    # A single point is a line to where it is: round ends make a dot of it.
    return [" ".join(each if len(each) > 1 else each * 2) for each in stretches]


def width(buckets: int) -> int:
    return max(1, buckets) * STEP


def level(value: int, most: int, levels: int) -> int:
    """0 for nothing, else 1 to `levels` by the share of the most."""
    return 0 if value == 0 else min(levels, ceil(value / most * levels))
