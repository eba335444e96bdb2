"""The projector: applies what is new to a version of a view, exactly once."""

import logging
from collections.abc import Iterator
from typing import Any, LiteralString

from psycopg import Connection

from events.database import connect
from events.envelope import Position
from events.read import head_of
from projections import poison
from projections.versions import enter
from projections.view import View

logger = logging.getLogger(__name__)

# Large enough that a backlog goes by sets, small enough that a step takes seconds.
STEP_EVENTS = 100_000

# A projector that stands still between two statements, or whose host has gone without a word, holds
# its view up for so long and no longer: its session ends, and another one takes over.
STILL_MS = 60_000

# The batch's tables are temporary and have no statistics, the view's tables grow while the plans
# of this session live: only lookups by index stay right for both.
_PLANNING: LiteralString = """
set enable_seqscan = off;
set enable_mergejoin = off;
set plan_cache_mode = force_generic_plan;
set jit = off;
set work_mem = '64MB';
set temp_buffers = '128MB';
"""

_LOCK_CHECKPOINT: LiteralString = """
select schema_name, position from read.versions
 where view = %s and version = %s and paused_at is null
   for update skip locked
"""
_MOVE_CHECKPOINT: LiteralString = """
update read.versions set position = %s where view = %s and version = %s
"""


def connect_projector(url: str) -> Connection[Any]:
    """A connection as wharf_project, planned for applying batches."""
    conn = connect(url, "wharf_project", idle_in_transaction_timeout_ms=STILL_MS)
    prepare(conn)
    return conn


def prepare(conn: Connection[Any]) -> None:
    """Set a session up for applying batches."""
    conn.execute(_PLANNING)
    conn.prepare_threshold = 1


class BatchFailed(Exception):
    """A batch could not be applied; nothing of it was. `error` says why."""

    def __init__(self, after: Position, to: Position, error: Exception) -> None:
        super().__init__(f"the events after {after} up to {to} could not be applied")
        self.after, self.to, self.error = after, to, error


def catch_up(
    conn: Connection[Any], view: View, version: int, *, step_events: int = STEP_EVENTS
) -> Position | None:
    """Apply everything up to the head; the position reached, or None if another has the version.

    Each step is one transaction: lock the checkpoint, look at the head, apply, move the
    checkpoint. Run twice, or by two workers, or killed anywhere, it applies each event once.
    """
    reached: Position | None = None
    for position in steps(conn, view, version, step_events):
        reached = position
    return reached


def steps(
    conn: Connection[Any], view: View, version: int, step_events: int = STEP_EVENTS
) -> Iterator[Position]:
    """Catch up, telling the position after each step; an event that is poison is put aside.

    A batch that fails for what an event holds is halved down to that event. Raises TooMuchPoison,
    and what is not an event's fault.
    """
    limit, suspect = step_events, None
    while True:
        try:
            stepped = step(conn, view, version, limit)
        except BatchFailed as failed:
            if not poison.is_of_the_event(failed.error):
                raise failed.error from None
            if failed.to - failed.after == 1:
                _put_aside(conn, view, version, failed)
                limit, suspect = step_events, None
            else:
                limit, suspect = (failed.to - failed.after) // 2, failed.to
            continue
        if stepped is None:
            return
        position, more = stepped
        yield position
        if not more:
            return
        if suspect is not None:
            left = suspect - position
            limit, suspect = (max(left // 2, 1), suspect) if left > 0 else (step_events, None)


def step(
    conn: Connection[Any], view: View, version: int, step_events: int = STEP_EVENTS
) -> tuple[Position, bool] | None:
    """Apply one batch; where the checkpoint is now, and whether there may be more.

    None if another has the version, or it is paused. Raises BatchFailed.
    """
    with conn.transaction():
        locked = conn.execute(_LOCK_CHECKPOINT, (view.name, version)).fetchone()
        if locked is None:
            return None
        schema_name, position = locked
        # In one statement with the lock the head would come from a snapshot older than the lock,
        # and the checkpoint could move back.
        to = Position(min(head_of(conn), position + step_events))
        if to <= position:
            return position, False
        enter(conn, schema_name)
        try:
            view.apply(conn, position, to)
        except Exception as error:
            raise BatchFailed(position, to, error) from error
        conn.execute(_MOVE_CHECKPOINT, (to, view.name, version))
    logger.debug("batch applied", extra={"view": view.name, "version": version, "position": to})
    return to, True


def _put_aside(conn: Connection[Any], view: View, version: int, failed: BatchFailed) -> None:
    """Unless somebody else has gone on meanwhile."""
    with conn.transaction():
        locked = conn.execute(_LOCK_CHECKPOINT, (view.name, version)).fetchone()
        if locked is not None and locked[1] == failed.after:
            poison.put_aside(conn, view, version, failed.to, failed.error)
