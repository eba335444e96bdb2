"""The past of a conversation: its rows as of a position, answered from its own events.

The views' own statements make them, in temporary tables that only this transaction sees and that
are gone when it ends: no table of any version is touched, and neither is the rest of the log.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import Connection

from events.envelope import Position
from projections import poison
from projections.inbox.story import story
from projections.inbox.view import INBOX
from projections.media.view import MEDIA
from projections.versions import active, enter
from projections.view import View

# What the threads of a conversation are made of.
VIEWS: tuple[View, ...] = (INBOX, MEDIA)


class NoPast(Exception):
    """The inbox that answers is another release's, so this one can't say what it was."""


@contextmanager
def past(
    conn: Connection[Any],
    ids: Sequence[int],
    to: Position,
    numbers: Collection[str] | None = None,
    views: Sequence[View] = VIEWS,
) -> Iterator[Connection[Any]]:
    """Until the block ends, the views' tables by name are those of these messages as of `to`.

    So are those of all conversations that they were ever in. `conn` acts as wharf_project and is
    prepared as a projector is; the inbox has reached `to`. Raises NoPast.
    """
    with conn.transaction(force_rollback=True):
        positions = events_of(conn, ids, to, numbers)
        make_tables(conn, views)
        fill(conn, views, positions)
        # From here on nothing but temporary tables could be written to.
        conn.execute("set transaction read only")
        yield conn


def events_of(
    conn: Connection[Any],
    ids: Sequence[int],
    to: Position,
    numbers: Collection[str] | None = None,
) -> list[Position]:
    """The story of the messages, without what the inbox goes without. Raises NoPast."""
    inbox = active(conn, INBOX.name)
    if inbox is None or inbox.definition != INBOX.definition:
        raise NoPast("the inbox has no active version of this release yet")
    enter(conn, inbox.schema_name)
    without = set(poison.positions(conn, INBOX.name, inbox.version))
    return [each for each in story(conn, ids, to, numbers) if each not in without]


def make_tables(conn: Connection[Any], views: Sequence[View]) -> None:
    """Empty tables of the views, found by name until the caller's transaction ends."""
    enter(conn, "pg_temp")
    for view in views:
        conn.execute(view.tables, prepare=False)


def fill(conn: Connection[Any], views: Sequence[View], positions: Sequence[Position]) -> None:
    """Apply these events to the tables that `make_tables` made."""
    for view in views:
        assert view.apply_only is not None
        view.apply_only(conn, positions)
