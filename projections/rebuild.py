"""Rebuild: fill the next version of a view beside the live one, then let it answer."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from psycopg import Connection
from psycopg.errors import LockNotAvailable

from events.database import connect
from events.envelope import Position
from events.read import head_of
from projections import poison, projector, versions
from projections.versions import Version
from projections.view import View

# What was active until now stays for this long, so that going back is activation too.
KEPT = timedelta(minutes=10)

Progress = Callable[[Position, Position], None]


class RebuildRunning(Exception):
    """Somebody else is rebuilding the view."""

    def __init__(self, view: str, builder: str | None) -> None:
        super().__init__(f"{view} is being rebuilt by {builder or 'somebody else'}")


class HasPoison(Exception):
    """The new version goes without events that the view could not apply: it is not activated."""

    def __init__(self, version: Version, found: list[Position]) -> None:
        super().__init__(
            f"{version.view} version {version.version} could not apply {len(found)} events, the"
            f" first at position {found[0]}: see `wharf projections poison list`. Mend the view and"
            f" rebuild, or `skip` them and `rebuild {version.view} --resume`"
        )


def rebuild(
    url: str,
    view: View,
    progress: Progress = lambda position, head: None,
    *,
    resume: bool = False,
) -> Version:
    """Build the next version from position 0 and activate it; the live one serves meanwhile.

    Interrupted at any instant it leaves the live version untouched. Run again it begins anew, or
    with `resume` goes on from where the last one was. `progress` hears the position and the head
    at the start and after each step. Raises RebuildRunning and HasPoison.
    """
    with connect(url, "wharf_owner") as conn:
        _claim(conn, view)
        version = versions.unfinished(conn, view) if resume else None
        versions.retire(conn, view, KEPT, kept=version)
        projector.prepare(conn)
        if version is None:
            version = versions.create(conn, view)
        _begin(conn, version)
        progress(version.position, head_of(conn))
        if version.state == "building":
            _fill(conn, view, version, progress)
            conn.execute("reset enable_seqscan")
            versions.finish(conn, view, version)
            conn.execute("set enable_seqscan = off")
        _fill(conn, view, version, progress)
        unapplied = poison.positions(conn, view.name, version.version, undecided=True)
        if unapplied:
            raise HasPoison(version, unapplied)
        return _activate(conn, view, version)


def _claim(conn: Connection[Any], view: View) -> None:
    # A session's lock: it ends with this process, however that ends, though not at the same
    # instant: the server must notice first.
    key = f"wharf rebuild {view.name}"
    with suppress(LockNotAvailable), conn.transaction():
        conn.execute("set local lock_timeout = '2s'")
        conn.execute("select pg_advisory_lock(hashtextextended(%s, 0))", (key,))
        return
    held = conn.execute(
        "select builder from read.versions where view = %s order by version desc limit 1",
        (view.name,),
    ).fetchone()
    raise RebuildRunning(view.name, held[0] if held else None)


def _begin(conn: Connection[Any], version: Version) -> None:
    """Say who is at it from now on, and from where: that gives the rate to whoever looks."""
    conn.execute(
        "update read.versions set builder = %s, began_at = now(), began_position = position"
        " where view = %s and version = %s",
        (versions.this_process(), version.view, version.version),
    )


def _fill(conn: Connection[Any], view: View, version: Version, progress: Progress) -> None:
    """It ends early where a projector has the version: it is ready then, and in good hands."""
    for position in projector.steps(conn, view, version.version):
        progress(position, head_of(conn))


def _activate(conn: Connection[Any], view: View, version: Version) -> Version:
    """Under traffic the live version may be a batch ahead for a moment: catch up, try again."""
    while True:
        projector.catch_up(conn, view, version.version)
        try:
            versions.activate(conn, view, version.version)
        except versions.GoesBackInTime:
            continue
        return next(v for v in versions.versions(conn, view.name) if v.version == version.version)
