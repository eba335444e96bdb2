"""The view `inbox` put together: which statements apply a batch, and in which order."""

from collections.abc import Callable, Sequence
from typing import Any, LiteralString

from psycopg import Connection

from events.envelope import Position
from projections.inbox import (
    batch,
    conversations,
    details,
    identity,
    messages,
    notes,
    refile,
    statuses,
)
from projections.inbox.tables import TABLES
from projections.inbox.tables.indexes import INDEXES
from projections.inbox.tables.plain_views import PLAIN_VIEWS
from projections.reading import read
from projections.view import View, only

_STEPS: tuple[LiteralString, ...] = (
    identity.LINK,
    identity.CONTINUE,
    messages.MARK_READ,
    messages.TOUCH,
    messages.MOVE,
    messages.INTRODUCE,
    identity.NOTICE,
    conversations.TALLY,
    messages.INSERT,
    messages.MERGE,
    conversations.STORE,
    conversations.REPLY,
    conversations.READ,
    conversations.DESCRIBE,
    statuses.STORE_STATUSES,
    statuses.STORE_REACTIONS,
    statuses.STORE_REVISIONS,
)
# Only for a batch with something of ours in it.
_SAID: tuple[LiteralString, ...] = (
    details.STORE_DETAILS,
    notes.STORE_VERSIONS,
    notes.STORE_NOTES,
    notes.AMEND_NOTES,
    details.FOLD,
)


_STAGE_ONLY: LiteralString = only(batch.STAGE)


def apply(conn: Connection[Any], after: Position, to: Position) -> None:
    """Make the rows of the events in (after, to]; inside the caller's transaction."""
    _make_temporary_tables(conn)
    _fold(conn, lambda: read(conn, batch.STAGE, after, to))


def apply_only(conn: Connection[Any], positions: Sequence[Position]) -> None:
    """Make the rows of these events alone; it may be called again in the same transaction."""
    _make_temporary_tables(conn)
    conn.execute(batch.EMPTY)
    conn.execute(refile.EMPTY_BATCH)
    _fold(conn, lambda: conn.execute(_STAGE_ONLY, {"positions": list(positions)}))


def _make_temporary_tables(conn: Connection[Any]) -> None:
    conn.execute(batch.TEMPORARY_TABLES, prepare=False)
    conn.execute(refile.TEMPORARY_TABLES, prepare=False)


def _fold(conn: Connection[Any], stage: Callable[[], object]) -> None:
    with conn.pipeline():
        stage()
        for statement in _STEPS:
            conn.execute(statement)
        said = conn.execute(details.ANY_SAID)
        look = conn.execute(refile.ANY_MOVED)
    found = look.fetchone()
    assert found is not None  # a select without a table always answers one row
    moved, merged = found
    if said.fetchone() == (True,):
        with conn.pipeline():
            for statement in _SAID:
                conn.execute(statement)
    if moved or merged:
        with conn.pipeline():
            if merged:
                conn.execute(identity.STORE_MERGES)
            for statement in refile.REFILE:
                conn.execute(statement)


_OF_CONVERSATIONS: LiteralString = "t.conversation_id = any(%(ids)s)"
_OF_MESSAGES: LiteralString = (
    "(t.message_id, t.phone_number_id) in"
    " (select * from unnest(%(message_ids)s::text[], %(numbers)s::text[]))"
)

INBOX = View(
    name="inbox",
    event_types=batch.EVENT_TYPES,
    tables=TABLES,
    indexes=INDEXES,
    plain_views=PLAIN_VIEWS,
    apply=apply,
    apply_only=apply_only,
    keys={
        "messages": ("id",),
        "statuses": ("message_id", "status", "participant", "phone_number_id"),
        "conversations": ("id",),
        "identities": ("identity",),
        "links": ("phone_number_id", "wa_id", "user_id"),
        "continuations": ("old_stream", "new_stream"),
        "departures": ("stream", "other_stream"),
        "merges": ("id",),
        "reactions": ("message_id", "reactor", "phone_number_id"),
        "revisions": ("id",),
        "details": ("filed_under", "name", "key"),
        "notes": ("id",),
        "note_versions": ("id",),
    },
    samples={
        "messages": _OF_CONVERSATIONS,
        "statuses": _OF_MESSAGES,
        "conversations": "t.id = any(%(ids)s)",
        "identities": _OF_CONVERSATIONS,
        "reactions": _OF_MESSAGES,
        "revisions": _OF_MESSAGES,
        "details": _OF_CONVERSATIONS,
        "notes": _OF_CONVERSATIONS,
        "note_versions": "t.note_id in (select id from notes where conversation_id = any(%(ids)s))",
    },
    # Identities and streams begin with it.
    numbers={
        "identities": "split_part(t.identity, '/', 1)",
        "merges": "split_part(t.stream, '/', 1)",
        "details": "split_part(t.stream, '/', 1)",
        "notes": "split_part(t.stream, '/', 1)",
        "note_versions": (
            "(select split_part(n.stream, '/', 1) from notes n where n.id = t.note_id)"
        ),
    },
)
