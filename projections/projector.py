"""The projector: applies what is new to a version of a view, exactly once."""

import logging
from typing import Any, LiteralString

from psycopg import Connection

from events.database import connect
from events.envelope import Position
from projections.versions import enter
from projections.view import View

logger = logging.getLogger(__name__)

# Large enough that a backlog goes by sets, small enough that a step takes seconds.
STEP_EVENTS = 100_000

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
 where view = %s and version = %s
   for update skip locked
"""
_HEAD: LiteralString = "select coalesce(max(position), 0) from log.events"
_MOVE_CHECKPOINT: LiteralString = """
update read.versions set position = %s where view = %s and version = %s
"""


def connect_projector(url: str) -> Connection[Any]:
    """A connection as wharf_project, planned for applying batches."""
    conn = connect(url, "wharf_project")
    prepare(conn)
    return conn


def prepare(conn: Connection[Any]) -> None:
    """Set a session up for applying batches."""
    conn.execute(_PLANNING)
    conn.prepare_threshold = 1


def catch_up(
    conn: Connection[Any], view: View, version: int, *, step_events: int = STEP_EVENTS
) -> Position | None:
    """Apply everything up to the head; the position reached, or None if another has the version.

    Each step is one transaction: lock the checkpoint, look at the head, apply, move the
    checkpoint. Run twice, or by two workers, or killed anywhere, it applies each event once.
    """
    reached: Position | None = None
    while True:
        stepped = step(conn, view, version, step_events)
        if stepped is None:
            return reached
        reached, more = stepped
        if not more:
            return reached


def step(
    conn: Connection[Any], view: View, version: int, step_events: int = STEP_EVENTS
) -> tuple[Position, bool] | None:
    """Apply one batch; where the checkpoint is now, and whether there may be more."""
    with conn.transaction():
        locked = conn.execute(_LOCK_CHECKPOINT, (view.name, version)).fetchone()
        if locked is None:
            return None
        schema_name, position = locked
        # In one statement with the lock the head would come from a snapshot older than the lock,
        # and the checkpoint could move back.
        row = conn.execute(_HEAD).fetchone()
        assert row is not None  # an aggregate always answers one row
        to = Position(min(row[0], position + step_events))
        if to <= position:
            return position, False
        enter(conn, schema_name)
        view.apply(conn, position, to)
        conn.execute(_MOVE_CHECKPOINT, (to, view.name, version))
    logger.debug("batch applied", extra={"view": view.name, "version": version, "position": to})
    return to, True
