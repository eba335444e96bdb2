"""Rebuild: fill the next version of a view beside the live one, then let it answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from psycopg import Connection

from events.database import connect
from events.envelope import Position
from projections import projector, versions
from projections.versions import Version
from projections.view import View

# What was active until now stays for this long, so that going back is activation too.
KEPT = timedelta(minutes=10)

Progress = Callable[[Position, Position], None]


class RebuildRunning(Exception):
    """Somebody else is rebuilding the view."""

    def __init__(self, view: str) -> None:
        super().__init__(f"{view} is being rebuilt by somebody else")


def rebuild(url: str, view: View, progress: Progress = lambda position, head: None) -> Version:
    """Build the next version from position 0 and activate it; the live one serves meanwhile.

    Interrupted at any instant it leaves the live version untouched, and is simply run again.
    `progress` hears the position and the head after each step. Raises RebuildRunning.
    """
    with connect(url, "wharf_owner") as conn:
        _claim(conn, view)
        versions.retire(conn, view, KEPT)
        projector.prepare(conn)
        version = versions.create(conn, view)
        _fill(conn, view, version, progress)
        conn.execute("reset enable_seqscan")
        versions.finish(conn, view, version)
        conn.execute("set enable_seqscan = off")
        _fill(conn, view, version, progress)
        return _activate(conn, view, version)


def _claim(conn: Connection[Any], view: View) -> None:
    # A session's lock: it ends with this process, however that ends.
    key = f"wharf rebuild {view.name}"
    row = conn.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", (key,)).fetchone()
    if row != (True,):
        raise RebuildRunning(view.name)


def _fill(conn: Connection[Any], view: View, version: Version, progress: Progress) -> None:
    more = True
    while more:
        stepped = projector.step(conn, view, version.version)
        if stepped is None:
            # A projector has the version: it is ready, and in good hands.
            return
        position, more = stepped
        row = conn.execute("select coalesce(max(position), 0) from log.events").fetchone()
        progress(position, row[0] if row else position)


def _activate(conn: Connection[Any], view: View, version: Version) -> Version:
    """Under traffic the live version may be a batch ahead for a moment: catch up, try again."""
    while True:
        projector.catch_up(conn, view, version.version)
        try:
            versions.activate(conn, view, version.version)
        except versions.GoesBackInTime:
            continue
        return next(v for v in versions.versions(conn, view.name) if v.version == version.version)
