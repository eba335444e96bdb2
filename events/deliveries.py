"""Deliveries: what came, byte for byte, and which event came out of which."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, LiteralString, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import DictRow, TupleRow, class_row, dict_row
from psycopg.sql import SQL, Composed

FILTERS: dict[str, SQL] = {
    "from": SQL("d.received_at >= %(from)s"),
    "to": SQL("d.received_at < %(to)s"),
    "outcome": SQL("d.outcome = %(outcome)s"),
    # It says nothing new, but only so is it sure that the small index will do.
    "not stored": SQL("d.outcome <> 'stored'"),
    "before": SQL("(d.received_at, d.id) < (%(at)s, %(id)s)"),
    "after": SQL("(d.received_at, d.id) > (%(at)s, %(id)s)"),
}

ORDERS: dict[bool, SQL] = {
    True: SQL("order by d.received_at desc, d.id desc"),
    False: SQL("order by d.received_at, d.id"),
}

COLUMNS = SQL("""d.id, d.received_at, d.outcome, octet_length(d.body) as body_bytes, d.sha256,
       d.secret, d.attempts, d.last_attempt_at""")

LIST = SQL("""
select {columns}, became.stored, became.quarantined, other.duplicate, other.ignored
  from (
    select d.id
      from log.deliveries d
     where {where}
     {by}
     limit %(rows)s) page
  join log.deliveries d on d.id = page.id
 cross join lateral (
       select count(*) filter (where e.type <> 'ItemQuarantined') as stored,
              count(*) filter (where e.type = 'ItemQuarantined') as quarantined
         from log.events e
        where e.delivery_id = page.id and e.causation is null) became
 cross join lateral (
       select count(*) filter (where i.outcome <> 'ignored') as duplicate,
              count(*) filter (where i.outcome = 'ignored') as ignored
         from log.delivery_items i
        where i.delivery_id = page.id) other
 {by}
""")

ONE = SQL("select {columns} from log.deliveries d where d.id = %(id)s").format(columns=COLUMNS)

BODY: LiteralString = """
select d.id, d.body, d.sha256, d.secret
  from log.deliveries d
 where d.id = %(id)s
"""

ORIGIN: LiteralString = """
select e.delivery_id, coalesce(e.pointer, '') as pointer
  from log.events e
 where e.position = %(position)s and e.delivery_id is not null
"""


class Body(NamedTuple):
    """The exact bytes of a delivery; `secret` is the fingerprint of the one that signed them."""

    id: int
    body: bytes
    sha256: bytes
    secret: str


class Origin(NamedTuple):
    """The delivery that an event came out of, and where in it the item stands."""

    delivery_id: int
    pointer: str


async def list_deliveries(
    conn: AsyncConnection[TupleRow],
    wanted: Mapping[str, Any],
    place: tuple[datetime, int] | None,
    *,
    descending: bool,
    rows: int,
) -> list[DictRow]:
    """At most `rows` deliveries in order of `(received_at, id)`, on from `place`.

    `wanted` may have `outcome`, `from` and `to` (half-open). Each row counts the items by what
    became of them when they came.
    """
    chosen = {*wanted}
    if wanted.get("outcome", "stored") != "stored":
        chosen.add("not stored")
    values: dict[str, Any] = {**wanted, "rows": rows}
    if place is not None:
        chosen.add("before" if descending else "after")
        values["at"], values["id"] = place
    async with conn.cursor(row_factory=dict_row, binary=True) as cursor:
        await cursor.execute(statement(tuple(sorted(chosen)), descending), values)
        return await cursor.fetchall()


@lru_cache(maxsize=64)
def statement(chosen: tuple[str, ...], descending: bool) -> Composed:
    fragments = [FILTERS[name] for name in chosen]
    where = SQL(" and ").join(fragments) if fragments else SQL("true")
    return LIST.format(columns=COLUMNS, where=where, by=ORDERS[descending])


async def read_delivery(conn: AsyncConnection[TupleRow], id_: int) -> DictRow | None:
    """All that is known of the delivery itself but its body; None if there is no such."""
    async with conn.cursor(row_factory=dict_row, binary=True) as cursor:
        await cursor.execute(ONE, {"id": id_})
        return await cursor.fetchone()


async def read_body(conn: AsyncConnection[TupleRow], id_: int) -> Body | None:
    """The bytes of the delivery, or None if there is no such."""
    async with conn.cursor(row_factory=class_row(Body), binary=True) as cursor:
        await cursor.execute(BODY, {"id": id_})
        return await cursor.fetchone()


async def origin_of(conn: AsyncConnection[TupleRow], position: int) -> Origin | None:
    """Where the event at the position came from; None if it came by no delivery."""
    async with conn.cursor(row_factory=class_row(Origin), binary=True) as cursor:
        await cursor.execute(ORIGIN, {"position": position})
        return await cursor.fetchone()
