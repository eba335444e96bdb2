"""How a statement reads its range of the log: by index while it is short, by whole blocks if long.

The server reads blocks ahead of a bitmap, by processes of its own, and waits for each block of an
index scan: a rebuild's step of 100,000 events took 1.4 times the processor time by index, measured.
The planner does not know how long a range will be, since plans are made for any.
"""

from typing import Any, LiteralString

from psycopg import Connection

from events.envelope import Position

LONG_EVENTS = 5_000


def read(conn: Connection[Any], statement: LiteralString, after: Position, to: Position) -> None:
    """Run a statement that reads the events in (after, to], and looks nothing else up by an index.

    Inside the caller's transaction. What is planned first in a session stays.
    """
    long = to - after >= LONG_EVENTS
    if long:
        conn.execute("set local enable_indexscan = off")
    conn.execute(statement, {"after": after, "to": to})
    if long:
        conn.execute("set local enable_indexscan = on")
