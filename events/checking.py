"""Whether the log is what it has to be: each law with what breaks it."""

from typing import Any, LiteralString, NamedTuple

from psycopg import Connection
from psycopg.rows import TupleRow

# Deliveries at a time: their bodies are hashed by the server and do not come here.
CHUNK = 5_000


class Law(NamedTuple):
    """Something that holds for every log; `broken` counts what breaks it, `example` is one."""

    law: str
    broken: int
    example: str | None


class Checked(NamedTuple):
    """How much there was to check, and how each law fared."""

    events: int
    deliveries: int
    laws: list[Law]

    @property
    def sound(self) -> bool:
        return not any(law.broken for law in self.laws)


_LAWS: tuple[tuple[str, LiteralString], ...] = (
    (
        "positions run from 1 without a gap",
        "select count(*), min(e.position)::text from log.events e"
        " where e.position > 1"
        "   and not exists (select from log.events b where b.position = e.position - 1)"
        "    or e.position < 1",
    ),
    (
        "each dedupe key is there once",
        "select count(*), min(dedupe::text) from"
        " (select dedupe from log.events group by dedupe having count(*) > 1) d",
    ),
    (
        "each event is of a version that this release knows",
        "select count(*), min(position)::text from log.events"
        " where version not between 1 and log.latest_version(type)",
    ),
    (
        "an event's delivery is stored",
        "select count(*), min(e.position)::text from log.events e"
        " where e.delivery_id is not null"
        "   and not exists (select from log.deliveries d where d.id = e.delivery_id)",
    ),
    (
        "an item's delivery is stored, and the event it repeats is there",
        "select count(*), min(i.delivery_id || i.pointer) from log.delivery_items i"
        " where not exists (select from log.deliveries d where d.id = i.delivery_id)"
        "    or i.position is not null"
        "   and not exists (select from log.events e where e.position = i.position)",
    ),
    (
        "a cause comes before what it caused",
        "select count(*), min(position)::text from log.events where causation >= position",
    ),
)
_HASHES: LiteralString = """
select count(*) filter (where sha256(d.body) <> d.sha256),
       min(d.id) filter (where sha256(d.body) <> d.sha256), max(d.id)
  from (select id, body, sha256 from log.deliveries where id > %s order by id limit %s) d
"""


def check(conn: Connection[TupleRow]) -> Checked:
    """Check all laws in one snapshot; `conn` may read the log, as wharf_write."""
    with conn.transaction():
        conn.execute("set transaction isolation level repeatable read, read only")
        laws = [Law(law, *_one(conn, statement)) for law, statement in _LAWS]
        laws.append(_bodies(conn))
        events, deliveries = _one(
            conn,
            "select (select count(*) from log.events), (select count(*) from log.deliveries)",
        )
    return Checked(events, deliveries, laws)


def _bodies(conn: Connection[TupleRow]) -> Law:
    after, broken, example = 0, 0, None
    while True:
        wrong, first, last = _one(conn, _HASHES, (after, CHUNK))
        broken += wrong
        example = first if example is None else example
        if last is None:
            break
        after = last
    told = None if example is None else f"delivery {example}"
    return Law("each body has the SHA-256 that it came with", broken, told)


def _one(conn: Connection[TupleRow], statement: LiteralString, values: Any = None) -> TupleRow:
    row = conn.execute(statement, values).fetchone()
    assert row is not None  # an aggregate always answers one row
    return row
