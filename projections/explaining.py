"""Explain: which events made something, and which of them last set each of its fields.

The events are applied to empty tables and the fields looked at in between. Those that may matter go
one by one, so what they did is exact. The others, which are about other messages of the same
people, go together; where that changed something, halving finds the event, and takes a value that
is the same at both ends of a half for one that did not change in it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

from events.envelope import Position
from projections.past import VIEWS, events_of, fill, make_tables

# So many of those that may matter are looked at one by one, the newest.
ALONE_MAX = 300
_MISSING = object()

_EVENTS: LiteralString = """
select e.position, e.type, e.version, e.stream, e.occurred_at, e.recorded_at, e.delivery_id,
       e.pointer, e.actor, e.data ->> 'phone_number_id' as phone_number_id,
       coalesce(e.data ->> 'target_message_id', e.data ->> 'message_id') as message_id
  from log.current e
 where e.position = any(%s)
 order by e.position
"""

# The fields by name as the tables have them now, none if there is no such thing.
Look = Callable[[Connection[Any]], Mapping[str, object]]


class Event(NamedTuple):
    """An event without its data, but for the message that it speaks of."""

    position: Position
    type: str
    version: int
    stream: str
    occurred_at: datetime
    recorded_at: datetime
    delivery_id: int | None
    pointer: str | None
    actor: str | None
    phone_number_id: str | None
    message_id: str | None


class Cause(NamedTuple):
    """An event, and the fields that it was the last to set."""

    event: Event
    last_set: tuple[str, ...]


def explain(
    conn: Connection[Any],
    ids: Sequence[int],
    to: Position,
    look: Look,
    own: Callable[[Event], bool],
    numbers: Collection[str] | None = None,
) -> tuple[Mapping[str, object], list[Cause]]:
    """The fields as of `to`, and what made them, in the order of the log.

    `ids` are messages whose story it is, and `own` says which events may matter by themselves.
    `conn` acts as wharf_project and is prepared as a projector is. Raises NoPast.
    """
    with conn.transaction(force_rollback=True):
        positions = events_of(conn, ids, to, numbers)
        with conn.cursor(row_factory=class_row(Event)) as cursor:
            events = cursor.execute(_EVENTS, (positions,)).fetchall()
        make_tables(conn, VIEWS)
        alone = {e.position for e in [e for e in events if own(e)][-ALONE_MAX:]}
        fields, changed = _walk(conn, look, list(_batches(positions, alone)))
    touched = {position for each in changed.values() for position in each}
    return fields, [
        Cause(event, tuple(name for name in fields if changed[name][-1] == event.position))
        for event in events
        if event.position in touched or (event.position in alone and event.message_id is not None)
    ]


def _batches(positions: Sequence[Position], alone: set[Position]) -> Iterator[list[Position]]:
    together: list[Position] = []
    for position in positions:
        if position not in alone:
            together.append(position)
            continue
        if together:
            yield together
        yield [position]
        together = []
    if together:
        yield together


def _walk(
    conn: Connection[Any], look: Look, batches: Sequence[list[Position]]
) -> tuple[Mapping[str, object], dict[str, list[Position]]]:
    """The fields at the end, and of each the positions that changed it, the last one at least."""
    changed: dict[str, list[int]] = {}
    before: Mapping[str, object] = {}
    with conn.transaction(force_rollback=True):
        for number, batch in enumerate(batches):
            fill(conn, VIEWS, batch)
            after = look(conn)
            for name in _differing(before, after):
                changed.setdefault(name, []).append(number)
            before = after
    found = {
        name: [batches[each][0] for each in changed[name] if len(batches[each]) == 1]
        for name in before
    }
    for number, batch in enumerate(batches):
        wanted = {name for name in before if changed[name][-1] == number}
        if len(batch) > 1 and wanted:
            with conn.transaction(force_rollback=True):
                fill(conn, VIEWS, [position for each in batches[:number] for position in each])
                for name, position in _located(conn, look, batch, wanted).items():
                    found[name].append(position)
    return before, found


def _located(
    conn: Connection[Any], look: Look, batch: Sequence[Position], wanted: set[str]
) -> dict[str, Position]:
    """Of each field the position in the batch that set it; the tables are as before the batch."""
    if len(batch) == 1:
        return dict.fromkeys(wanted, batch[0])
    half = len(batch) // 2
    found: dict[str, Position] = {}
    with conn.transaction(force_rollback=True):
        fill(conn, VIEWS, batch[:half])
        middle = look(conn)
        with conn.transaction(force_rollback=True):
            fill(conn, VIEWS, batch[half:])
            later = wanted & _differing(middle, look(conn))
        if later:
            found |= _located(conn, look, batch[half:], later)
    if wanted - later:
        found |= _located(conn, look, batch[:half], wanted - later)
    return found


def _differing(one: Mapping[str, object], other: Mapping[str, object]) -> set[str]:
    return {name for name in {*one, *other} if one.get(name, _MISSING) != other.get(name, _MISSING)}
