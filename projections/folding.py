"""Events for a view that is a fold in Python: a range of the log, in flat memory."""

from collections.abc import Iterator, Sequence
from typing import Any, LiteralString

from psycopg import Connection

from events.envelope import Position, RecordedEvent

# Rows in memory at a time; an event is a few KiB.
CHUNK = 2_000

_BETWEEN: LiteralString = """
select position, stream, type, version, data, occurred_at, recorded_at,
       delivery_id, pointer, actor, causation
  from log.current
 where position > %(after)s and position <= %(to)s and type = any (%(types)s)
 order by position
"""


def events_between(
    conn: Connection[Any], types: Sequence[str], after: Position, to: Position
) -> Iterator[RecordedEvent]:
    """The events of these types in (after, to], oldest first, each in its latest shape.

    For a view's `apply`: it reads in the caller's transaction, some rows at a time.
    """
    with conn.cursor("events_between") as cursor:
        cursor.itersize = CHUNK
        cursor.execute(_BETWEEN, {"after": after, "to": to, "types": list(types)}, binary=True)
        for row in cursor:
            yield RecordedEvent(*row)
