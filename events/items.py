"""What became of each item of a delivery, at once and since."""

import re
from collections.abc import Iterable
from typing import Literal, LiteralString, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row
from typing_extensions import TypedDict

# The delivery's own events, and whatever has settled one of them, however many steps later: an
# event of the two types is settled when there is an event with its position as causation.
EVENTS: LiteralString = """
with recursive item as (
    select e.position, e.type, e.pointer, e.data ->> 'reason' as reason,
           e.data ->> 'field' as field, e.data -> 'positions' as elsewhere, e.position as root
      from log.current e
     where e.delivery_id = %(id)s and e.causation is null
    union all
    select e.position, e.type, e.pointer, e.data ->> 'reason', e.data ->> 'field',
           e.data -> 'positions', item.root
      from item
      join log.current e on e.causation = item.position
     where item.type in ('UnrecognisedChange', 'ItemQuarantined')
)
select root, position, type, coalesce(pointer, '') as pointer, reason, field, elsewhere
  from item
 order by position
"""

OTHERS: LiteralString = """
select pointer, outcome, position, reason
  from log.delivery_items
 where delivery_id = %(id)s
"""

_INDEX = re.compile(r"[0-9]{1,9}")


class ItemResolution(TypedDict):
    """What an item became, at once or since.

    `event_position` of a duplicate is that of the event it repeats.
    """

    pointer: str
    outcome: Literal["stored", "duplicate", "ignored", "quarantined"]
    reason: str | None
    event_position: int | None
    event_type: str | None


class DeliveryItem(ItemResolution):
    """What became of one item of a delivery.

    `other_content` says of a duplicate by its key that it says something else; `resolved_by` is
    what an item that was not understood has become since.
    """

    other_content: bool
    resolved_by: list[ItemResolution]


class _Event(NamedTuple):
    root: int
    position: int
    type: str
    pointer: str
    reason: str | None
    field: str | None
    elsewhere: list[int] | None


async def items_of(conn: AsyncConnection[TupleRow], delivery_id: int) -> list[DeliveryItem]:
    """Every item of the delivery, in the order of its pointers."""
    async with conn.cursor(row_factory=class_row(_Event), binary=True) as cursor:
        await cursor.execute(EVENTS, {"id": delivery_id})
        events = await cursor.fetchall()
    others = await (await conn.execute(OTHERS, {"id": delivery_id})).fetchall()
    settled: dict[int, list[ItemResolution]] = {}
    for event in events:
        if event.position != event.root:
            settled.setdefault(event.root, []).append(_resolution(event))
    items: list[DeliveryItem] = [
        {
            **_became(event),
            "other_content": False,
            "resolved_by": settled.get(event.position, []),
        }
        for event in events
        if event.position == event.root
    ]
    items += [_no_event(*other) for other in others]
    return sorted(items, key=lambda item: _place(item["pointer"]))


def positions_in(items: Iterable[DeliveryItem]) -> set[int]:
    """The positions of all events that came out of these items, at once or since."""
    return {
        event["event_position"]
        for item in items
        for event in (item, *item["resolved_by"])
        if event["event_position"] is not None and event["event_type"] is not None
    }


def _became(event: _Event) -> ItemResolution:
    reason = event.reason
    if event.type == "UnrecognisedChange":
        reason = f"kept, but not understood: {event.field}"
    return {
        "pointer": event.pointer,
        "outcome": "quarantined" if event.type == "ItemQuarantined" else "stored",
        "reason": reason,
        "event_position": event.position,
        "event_type": event.type,
    }


def _resolution(event: _Event) -> ItemResolution:
    """An ItemResolved says that other items brought the same: the events of those are named."""
    if event.type != "ItemResolved":
        return _became(event)
    written = ", ".join(str(position) for position in event.elsewhere or [])
    return {**_became(event), "outcome": "duplicate", "reason": f"of {written}"}


def _no_event(pointer: str, outcome: str, position: int | None, reason: str | None) -> DeliveryItem:
    return {
        "pointer": pointer,
        "outcome": "ignored" if outcome == "ignored" else "duplicate",
        "reason": reason,
        "event_position": position,
        "event_type": None,
        "other_content": outcome == "duplicate with other content",
        "resolved_by": [],
    }


def _place(pointer: str) -> list[tuple[int, int, str]]:
    """Sorts `…/10` behind `…/9`."""
    return [
        (0, int(part), "") if _INDEX.fullmatch(part) else (1, 0, part)
        for part in pointer.split("/")
    ]
