"""Reprocessing one delivery: what `wharf events retranslate` does, for whoever asks after one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import LiteralString

import psycopg
from msgspec.structs import replace
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests
from typing_extensions import TypedDict

from events.append import append
from events.database import Pool
from events.envelope import NewEvent
from events.errors import LogUnavailable, UnfitData
from events.items import DeliveryItem, items_of, positions_in
from events.read import head
from write_side.errors import DeliveryNotFound
from write_side.retranslate import (
    APPEND_EVENTS,
    DELIVERY,
    Leftover,
    Retranslation,
    translate_delivery,
)
from write_side.translation.delivery import translate

# Those of the delivery itself, and those that an earlier translation of them has left.
LEFTOVERS: LiteralString = """
select e.position, e.stream, e.pointer, e.dedupe, e.delivery_id
  from log.events e
 where e.delivery_id = %(id)s
   and e.type in ('UnrecognisedChange', 'ItemQuarantined')
   and e.pointer is not null
 order by e.position
"""


class Reprocessed(TypedDict):
    """A delivery's items as they are now, and the positions of what was added.

    `refused` counts items that have become something the database does not take.
    """

    id: int
    appended: list[int]
    refused: int
    items: list[DeliveryItem]
    position: int


class ReprocessCommand:
    """Appends what the delivery's items have become since; asked again, it appends nothing."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __call__(self, delivery_id: int) -> Reprocessed:
        """What became of it. Raises DeliveryNotFound and the errors of the log."""
        # After a restart of the database the idle connections are dead: weed, and try once more.
        for last in (False, True):
            try:
                async with self._pool.connection() as conn:
                    return await _reprocess(conn, delivery_id)
            except (PoolTimeout, PoolClosed, TooManyRequests) as error:
                raise LogUnavailable("no connection to the database") from error
            except psycopg.OperationalError as error:
                if last:
                    raise LogUnavailable("the database does not answer") from error
                await self._pool.check()
        raise AssertionError("the second try has returned or raised")


async def _reprocess(conn: AsyncConnection[TupleRow], delivery_id: int) -> Reprocessed:
    row = await (await conn.execute(DELIVERY, (delivery_id,), binary=True)).fetchone()
    if row is None:
        raise DeliveryNotFound("there is no such delivery")
    before = await items_of(conn, delivery_id)
    run = Retranslation(await head(conn))
    leftovers = await _leftovers(conn, delivery_id)
    if leftovers:
        await translate_delivery(conn, delivery_id, leftovers, run)
    refused = run.refused + await _add_overlooked(
        conn, delivery_id, bytes(row[0]), row[1].astimezone(UTC), before
    )
    items = await items_of(conn, delivery_id)
    return {
        "id": delivery_id,
        "appended": sorted(positions_in(items) - positions_in(before)),
        "refused": refused,
        "items": items,
        "position": await head(conn),
    }


async def _leftovers(conn: AsyncConnection[TupleRow], delivery_id: int) -> list[Leftover]:
    async with conn.cursor(row_factory=class_row(Leftover), binary=True) as cursor:
        await cursor.execute(LEFTOVERS, {"id": delivery_id})
        return await cursor.fetchall()


async def _add_overlooked(
    conn: AsyncConnection[TupleRow],
    delivery_id: int,
    body: bytes,
    received_at: datetime,
    items: Sequence[DeliveryItem],
) -> int:
    """Append what an earlier release took for nothing; gives how many the database refuses."""
    count = 0
    for careful in (False, True):
        events = overlooked(body, received_at, items, careful=careful)
        count = len(events)
        try:
            for start in range(0, count, APPEND_EVENTS):
                part = events[start : start + APPEND_EVENTS]
                await append(conn, [(None, replace(e, delivery_id=delivery_id)) for e in part])
        except UnfitData:
            continue
        return 0
    return count


def overlooked(
    body: bytes, received_at: datetime, items: Sequence[DeliveryItem], *, careful: bool
) -> list[NewEvent]:
    """The events of what is no item of the delivery so far, and stands inside of none."""
    known = {item["pointer"] for item in items if item["outcome"] != "ignored"}
    return [
        replace(event, data=event.data | {"received_at": received_at.isoformat()})
        for event in translate(body, received_at, careful=careful).events
        if isinstance(event.data, dict)
        and event.pointer is not None
        and known.isdisjoint(_around(event.pointer))
    ]


def _around(pointer: str) -> set[str]:
    """The pointer and those of all that it stands in; "" is the whole body."""
    parts = pointer.split("/")
    return {"/".join(parts[:length]) for length in range(1, len(parts) + 1)}
