"""Batches: what all open streams are told at once, and up to where each message makes it complete.

A stream's id N says: everything up to N has been sent. Changes go out in order of position, but
what became of a file waits until the view of the files has it, and does not hold up the rest. As
long as something waits, what follows has no id, so that whoever resumes gets it again.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg.rows import DictRow

from read_api.live.changes import Change, Current
from read_api.live.kinds import FILE_EVENTS

NOTHING_WAITS = 1 << 63


class Told(NamedTuple):
    """A change, and the position up to which everything has been told with it."""

    change: Change
    complete: int


class Batch(NamedTuple):
    """What was new at one look. `resync` says that it was too much to tell.

    `moments` are of the moment alone, by their kinds, and have no place in the log.
    """

    told: list[Told]
    complete: int
    current: dict[int, Current]
    resync: bool = False
    moments: Sequence[tuple[str, dict[str, Any]]] = ()


def told(changes: Sequence[Change], waiting: int, base: int, to: int) -> list[Told]:
    """The changes with their completeness, in order of position.

    Everything up to `base` was told before, but for these and what waits (from the position
    `waiting` on); after them everything up to `to` is, but for what waits.
    """
    found = []
    following = [change.position for change in changes[1:]] + [NOTHING_WAITS]
    for change, next_one in zip(changes, following, strict=True):
        complete = min(next_one - 1, waiting - 1, to)
        found.append(Told(change, min(complete, max(base, change.position))))
    return found


def first_waiting(facts: Sequence[DictRow]) -> int:
    """The least position of what waits."""
    return min((fact["position"] for fact in facts), default=NOTHING_WAITS)


def waits(fact: DictRow, files: int) -> bool:
    """Whether the view of the files, which is at `files`, has still to come to this."""
    return fact["type"] in FILE_EVENTS and fact["position"] > files
