"""Append: the one way into the log."""

import asyncio
import os
import socket
from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple

import msgspec
import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from events.envelope import IgnoredItem, NewDelivery, NewEvent, Position
from events.errors import CommitUncertain, LogError, LogUnavailable, StreamMoved, UnfitData

# Bounds a wait for the append lock and for a synchronous standby. statement_timeout would not:
# it does not run while a commit waits for its standby.
APPEND_LIMIT_S = 10.0

# The bodies go as binary: psycopg writes a text array of them at 100 us a body.
_APPEND: LiteralString = (
    "select head, positions, fresh from log.append_v1(%s, %b, %s, %s::text[], %s)"
)
_UNFIT_CLASSES = ("22", "23", "54")
# What the server would say to text with a lone surrogate, if it could be sent there.
_NOT_IN_REPERTOIRE = "22021"

_encode = msgspec.json.Encoder().encode


class Appended(NamedTuple):
    """The head after the append, and each event's position and whether this append made it.

    The events of a byte-identical redelivery have no position (None): they were not looked at.
    """

    head: Position
    positions: list[Position | None]
    fresh: list[bool]


class Expected(NamedTuple):
    """Append only if none of the streams has an event after the position."""

    streams: Sequence[str]
    position: Position


class _Delivery(msgspec.Struct):
    key: str
    sha256: str
    signature: str
    secret: str
    received_at: datetime
    outcome: str
    ignored: tuple[IgnoredItem, ...]


class _Event(msgspec.Struct):
    delivery: int | None
    pointer: str | None
    stream: str
    type: str
    version: int
    data: object
    occurred_at: datetime
    dedupe: str
    actor: str | None
    causation: int | None
    delivery_id: int | None


async def append(
    conn: AsyncConnection[TupleRow],
    events: Sequence[tuple[int | None, NewEvent]],
    deliveries: Sequence[NewDelivery] = (),
    expected: Expected | None = None,
) -> Appended:
    """Append in one commit; each event comes with the index of its delivery, or None.

    `conn` autocommits, so the append lock lives for this one statement. Events whose dedupe key
    the log has already are left out, so the same append again changes nothing.

    Raises UnfitData, StreamMoved, LogUnavailable, or CommitUncertain when it is not known
    whether the append was committed. After the last two the connection is closed.
    """
    try:
        parameters = _parameters(events, deliveries, expected)
    except UnicodeEncodeError as error:
        raise UnfitData(_NOT_IN_REPERTOIRE, error.reason) from error
    return await _call(conn, parameters)


def _parameters(
    events: Sequence[tuple[int | None, NewEvent]],
    deliveries: Sequence[NewDelivery],
    expected: Expected | None,
) -> tuple[object, ...]:
    delivery_rows = [
        _Delivery(
            d.key,
            d.sha256.hex(),
            d.signature,
            d.secret,
            d.received_at,
            d.outcome,
            d.ignored,
        )
        for d in deliveries
    ]
    event_rows = [
        _Event(
            index,
            e.pointer,
            e.stream,
            e.type,
            e.version,
            e.data,
            e.occurred_at,
            e.dedupe,
            e.actor,
            e.causation,
            e.delivery_id,
        )
        for index, e in events
    ]
    return (
        _encode(delivery_rows).decode(),
        [d.body for d in deliveries],
        _encode(event_rows).decode(),
        list(expected.streams) if expected else None,
        expected.position if expected else None,
    )


async def _call(conn: AsyncConnection[TupleRow], parameters: tuple[object, ...]) -> Appended:
    notices: list[str] = []

    def note(diagnostic: psycopg.errors.Diagnostic) -> None:
        notices.append(f"{diagnostic.sqlstate}: {diagnostic.message_primary}")

    conn.add_notice_handler(note)
    try:
        row = await _within_limit(conn, parameters)
    except psycopg.Error as error:
        raise await _translated(conn, error) from error
    finally:
        conn.remove_notice_handler(note)
    if notices:
        # A wait for a synchronous standby that was cut short reports success with a warning.
        await conn.close()
        raise CommitUncertain(f"committed with a notice: {notices[0]}")
    head, positions, fresh = row
    return Appended(head, positions or [], fresh or [])


async def _within_limit(
    conn: AsyncConnection[TupleRow], parameters: tuple[object, ...]
) -> TupleRow:
    task = asyncio.ensure_future(_fetch(conn, parameters))
    try:
        done, _ = await asyncio.wait({task}, timeout=APPEND_LIMIT_S)
    except asyncio.CancelledError:
        await _abandon(conn, task)
        raise
    if not done:
        await _abandon(conn, task)
        raise CommitUncertain(f"no answer within {APPEND_LIMIT_S:g} s")
    return task.result()


async def _abandon(conn: AsyncConnection[TupleRow], task: asyncio.Future[TupleRow]) -> None:
    """A cancel would ask the server, which may be the one that hangs; a closed socket ends it."""
    if not task.done():
        with socket.socket(fileno=os.dup(conn.fileno())) as twin:
            twin.shutdown(socket.SHUT_RDWR)
        await asyncio.wait({task})
    task.exception()
    await conn.close()


async def _fetch(conn: AsyncConnection[TupleRow], parameters: tuple[object, ...]) -> TupleRow:
    cursor = await conn.execute(_APPEND, parameters, binary=True)
    row = await cursor.fetchone()
    if row is None:
        raise LogError("the append function answered nothing")
    return row


async def _translated(conn: AsyncConnection[TupleRow], error: psycopg.Error) -> LogError:
    sqlstate = error.sqlstate or ""
    if sqlstate == "WH001":
        facts = msgspec.json.decode(error.diag.message_detail or "{}")
        return StreamMoved(facts["stream"], facts["expected"], facts["actual"])
    if sqlstate[:2] in _UNFIT_CLASSES:
        return UnfitData(sqlstate, error.diag.message_primary or "")
    await conn.close()
    if sqlstate:
        return LogUnavailable(f"{sqlstate}: {error.diag.message_primary}")
    return CommitUncertain("the connection was lost during the append")
