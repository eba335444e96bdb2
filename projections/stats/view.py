"""The view `stats` put together: which statements apply a batch, and in which order."""

from typing import Any, LiteralString

from psycopg import Connection

from events.envelope import Position
from projections.reading import read
from projections.stats import acts, batch, counts, messages, people, waits
from projections.stats.tables import INDEXES, PLAIN_VIEWS, TABLES
from projections.view import View

_COUNT: tuple[LiteralString, ...] = (
    acts.STORE_ACTS,
    messages.FILES,
    messages.TOUCH,
    messages.TOUCH_ALSO,
    messages.COUNTED_BEFORE,
    messages.STORE,
    messages.ENTITLE,
    counts.ADD_MESSAGES,
    counts.DROP_MESSAGES,
    waits.FIND_GAPS,
    waits.COMPARE_WAITS,
    waits.END_WAITS,
    waits.BEGIN_WAITS,
    counts.ADD_WAITS,
    counts.DROP_WAITS,
)
STEPS: tuple[LiteralString, ...] = (*people.LEARN, *people.REGROUP, *_COUNT)


def apply(conn: Connection[Any], after: Position, to: Position) -> None:
    """Make the rows of the events in (after, to]; inside the caller's transaction."""
    conn.execute(batch.TEMPORARY_TABLES, prepare=False)
    with conn.pipeline():
        read(conn, batch.STAGE, after, to)
        for statement in people.LEARN:
            conn.execute(statement)
        look = conn.execute(people.ANY_MOVED)
    moved = look.fetchone() == (True,)
    with conn.pipeline():
        for statement in (*people.REGROUP, *_COUNT) if moved else _COUNT:
            conn.execute(statement)


STATS = View(
    name="stats",
    event_types=batch.EVENT_TYPES,
    tables=TABLES,
    indexes=INDEXES,
    plain_views=PLAIN_VIEWS,
    apply=apply,
    keys={
        "counted_messages": ("message_id", "phone_number_id"),
        "counted_files": ("media_id", "phone_number_id"),
        "counted_links": ("phone_number_id", "wa_id", "user_id"),
        "counted_continuations": ("old_stream", "new_stream"),
        "counted_departures": ("stream", "other_stream"),
        "counted_merges": ("id",),
        "counted_identities": ("identity",),
        "counted_people": ("identity",),
        "counted_waits": ("person", "began_at"),
        "counted_acts": ("id", "act"),
        "error_titles": ("error_code",),
        "message_counts": (
            "width",
            "bucket_at",
            "phone_number_id",
            "direction",
            "message_type",
            "status",
            "error_code",
            "media_state",
        ),
        "wait_counts": ("width", "bucket_at", "phone_number_id", "slot", "late"),
    },
    # These words are Meta's.
    numbers={"error_titles": None},
)
