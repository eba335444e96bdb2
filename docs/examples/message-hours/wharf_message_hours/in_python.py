"""In Python: for what SQL can't say. The rows go back in one statement for all events."""

from collections import Counter
from datetime import UTC
from typing import Any, LiteralString

from psycopg import Connection

from events.envelope import Position
from projections.folding import events_between
from projections.view import View

TYPES = ("MessageReceived",)

TABLES: LiteralString = """
create table message_hours_folded (
    hour            timestamptz not null,
    phone_number_id text collate "C" not null,
    messages        bigint not null,
    constraint message_hours_folded_pkey primary key (phone_number_id, hour)
);
"""

ADD: LiteralString = """
insert into message_hours_folded (hour, phone_number_id, messages)
select n.hour, n.phone_number_id, n.messages
  from unnest(%(hours)s::timestamptz[], %(numbers)s::text[], %(messages)s::bigint[])
       as n(hour, phone_number_id, messages)
on conflict (phone_number_id, hour) do update
   set messages = message_hours_folded.messages + excluded.messages
"""


def apply(conn: Connection[Any], after: Position, to: Position) -> None:
    """Count the events in (after, to]; inside the caller's transaction."""
    counts: Counter[tuple[Any, Any]] = Counter()
    for event in events_between(conn, TYPES, after, to):
        # The session's time zone is the server's.
        hour = event.occurred_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        counts[hour, event.data["phone_number_id"]] += 1
    rows = {
        "hours": [hour for hour, _ in counts],
        "numbers": [number for _, number in counts],
        "messages": list(counts.values()),
    }
    conn.execute(ADD, rows)


VIEW = View(
    name="message_hours_folded",
    event_types=TYPES,
    tables=TABLES,
    indexes="",
    plain_views={},
    apply=apply,
    keys={"message_hours_folded": ("phone_number_id", "hour")},
    # Raise it when `apply` comes to make other rows of the same events: SQL that changes is seen,
    # Python is not.
    revision=1,
)
