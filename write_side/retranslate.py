"""Translates stored deliveries again, for items that an earlier release did not understand.

Only events that an item never had are appended: their dedupe keys see to that, so a run may be
broken off anywhere and started again, beside other runs and live traffic. The unrecognised or
quarantined event is the cause of what its item becomes now, and is settled by that.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import LiteralString, NamedTuple
from uuid import UUID

from msgspec.structs import replace
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from events.append import append
from events.catalogue import ItemResolved
from events.dedupe import dedupe_key
from events.envelope import NewEvent, Position
from events.errors import UnfitData
from events.read import head
from write_side.translation.delivery import translate
from write_side.translation.outcome import KEY_TIME_DIGITS

BEGINNING = Position(0)

logger = logging.getLogger(__name__)

# One statement looks at so many events, and one append, which holds the lock that webhooks wait
# for, writes so many.
SCAN_EVENTS = 10_000
APPEND_EVENTS = 500

LEFTOVERS: LiteralString = """
select e.position, e.stream, e.pointer, e.dedupe, e.delivery_id
  from log.events e
 where e.position > %(after)s and e.position <= %(to)s
   and e.type in ('UnrecognisedChange', 'ItemQuarantined')
   and e.pointer is not null and e.delivery_id is not null
 order by e.position
"""

DELIVERY: LiteralString = "select body, received_at from log.deliveries where id = %s"

CAUSED: LiteralString = """
select count(*)
  from log.events
 where position = any (%(positions)s) and causation = %(cause)s
"""


class Leftover(NamedTuple):
    """An event of an item that was not understood, and the delivery that it came in."""

    position: Position
    stream: str
    pointer: str
    dedupe: UUID
    delivery_id: int


@dataclass
class Retranslation:
    """How far a run is: the last position looked at, and counts of leftovers and of new events.

    `settled` are the leftovers that have become something, in this run or before; `refused` those
    whose new events the database does not take.
    """

    position: Position
    leftovers: int = 0
    settled: int = 0
    refused: int = 0
    appended: int = 0


async def retranslate(
    conn: AsyncConnection[TupleRow],
    *,
    after: Position = BEGINNING,
    on_progress: Callable[[Retranslation], None] = lambda run: None,
) -> Retranslation:
    """Translate again what is left over from `after` to the head that is there now.

    `conn` autocommits as wharf_write. `on_progress` is told after each piece of the log, and its
    position is where a run that was broken off may go on. Raises LogUnavailable and
    CommitUncertain.
    """
    run = Retranslation(after)
    end = await head(conn)
    while run.position < end:
        to = Position(min(run.position + SCAN_EVENTS, end))
        async with conn.cursor(row_factory=class_row(Leftover), binary=True) as cursor:
            await cursor.execute(LEFTOVERS, {"after": run.position, "to": to})
            leftovers = await cursor.fetchall()
        for delivery_id, group in groupby(leftovers, lambda leftover: leftover.delivery_id):
            await translate_delivery(conn, delivery_id, list(group), run)
        run.position = to
        on_progress(run)
    return run


async def translate_delivery(
    conn: AsyncConnection[TupleRow],
    delivery_id: int,
    leftovers: Sequence[Leftover],
    run: Retranslation,
) -> None:
    """Settle leftovers of one delivery, and count that in `run`."""
    cursor = await conn.execute(DELIVERY, (delivery_id,), binary=True)
    row = await cursor.fetchone()
    assert row is not None  # an event's delivery is never removed
    body, received_at = bytes(row[0]), row[1].astimezone(UTC)
    run.leftovers += len(leftovers)
    for careful in (False, True):
        found = successors(body, received_at, leftovers, careful=careful)
        try:
            for leftover, events in zip(leftovers, found, strict=True):
                if events:
                    run.appended += await _settle(conn, leftover, events)
        except UnfitData as error:
            if careful:
                run.refused += len(leftovers)
                logger.warning(
                    "a delivery translated again is refused",
                    extra={"delivery": delivery_id, "sqlstate": error.sqlstate},
                )
        else:
            run.settled += sum(1 for events in found if events)
            return


def successors(
    body: bytes, received_at: datetime, leftovers: Sequence[Leftover], *, careful: bool = False
) -> list[list[NewEvent]]:
    """What each leftover's item is now, as new events; empty where it is what it was.

    A leftover may be a whole change or array: what stands inside of it is its own. Views keep the
    delivery's time by `received_at`, since the log gives these events the time of now.
    """
    known = {leftover.dedupe.hex for leftover in leftovers}
    found: list[list[NewEvent]] = [[] for _ in leftovers]
    for event in translate(body, received_at, careful=careful).events:
        if event.dedupe in known or not isinstance(event.data, dict) or event.pointer is None:
            continue
        around = [
            (len(leftover.pointer), index)
            for index, leftover in enumerate(leftovers)
            if f"{event.pointer}/".startswith(f"{leftover.pointer}/")
        ]
        if around:
            _, index = max(around)
            data = event.data | {"received_at": received_at.isoformat()}
            leftover = leftovers[index]
            found[index].append(
                replace(
                    event,
                    data=data,
                    causation=leftover.position,
                    delivery_id=leftover.delivery_id,
                )
            )
    return found


async def _settle(
    conn: AsyncConnection[TupleRow], leftover: Leftover, events: list[NewEvent]
) -> int:
    """Append what the log lacks; gives how many that were."""
    there: list[Position] = []
    added = 0
    for start in range(0, len(events), APPEND_EVENTS):
        part = [(None, event) for event in events[start : start + APPEND_EVENTS]]
        appended = await append(conn, part)
        added += appended.fresh.count(True)
        there += [position for position in appended.positions if position is not None]
    if added:
        return added
    facts = {"positions": there, "cause": leftover.position}
    row = await (await conn.execute(CAUSED, facts)).fetchone()
    if row is not None and row[0] == 0:
        # All of it came in other deliveries too, which were understood: nothing has this cause.
        await append(conn, [(None, _resolved(leftover, there))])
    return 0


def _resolved(leftover: Leftover, positions: list[Position]) -> NewEvent:
    key_time_ms = int(leftover.dedupe.hex[:KEY_TIME_DIGITS], 16)
    return NewEvent(
        leftover.stream,
        "ItemResolved",
        ItemResolved.version,
        {"positions": sorted(set(positions))},
        datetime.now(UTC),
        dedupe_key(key_time_ms, "resolved", str(leftover.position)),
        leftover.pointer,
        causation=leftover.position,
    )
