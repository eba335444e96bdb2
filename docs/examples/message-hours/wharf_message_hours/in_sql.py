"""In SQL: the events stay in the database, which is the quickest way."""

from typing import Any, LiteralString

from psycopg import Connection

from events.envelope import Position
from projections.view import View

# Without schema names: each version of a view has a schema of its own.
TABLES: LiteralString = """
create table message_hours (
    hour            timestamptz not null,
    phone_number_id text collate "C" not null,
    messages        bigint not null,
    constraint message_hours_pkey primary key (phone_number_id, hour)
);
"""

INDEXES: LiteralString = """
create index message_hours_by_time on message_hours (hour);
"""

# There is one MessageReceived for each message, however often Meta delivers it. Sums do not depend
# on the order of the events, so one that is applied late, by `poison retry`, is counted as well.
COUNT: LiteralString = """
insert into message_hours (hour, phone_number_id, messages)
select date_trunc('hour', e.occurred_at, 'UTC'), e.data ->> 'phone_number_id', count(*)
  from log.current e
 where e.position > %(after)s and e.position <= %(to)s and e.type = 'MessageReceived'
 group by 1, 2
on conflict (phone_number_id, hour) do update
   set messages = message_hours.messages + excluded.messages
"""


def apply(conn: Connection[Any], after: Position, to: Position) -> None:
    """Count the events in (after, to]; inside the caller's transaction."""
    conn.execute(COUNT, {"after": after, "to": to})


VIEW = View(
    name="message_hours",
    event_types=("MessageReceived",),
    tables=TABLES,
    indexes=INDEXES,
    # For people with psql: `select * from read.message_hours`.
    plain_views={"message_hours": "select hour, phone_number_id, messages from message_hours"},
    apply=apply,
    # What `verify` compares.
    keys={"message_hours": ("phone_number_id", "hour")},
)
