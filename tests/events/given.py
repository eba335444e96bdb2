"""Events and deliveries to append, and what a test asks the log afterwards."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from events.append import Appended, append
from events.database import connect_async
from events.dedupe import dedupe_key
from events.envelope import IgnoredItem, NewDelivery, NewEvent, Position, RecordedEvent
from events.read import read_after

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
START = Position(0)
STREAM = "106540352242922/p:16505551234"

Conn = AsyncConnection[TupleRow]
Row = dict[str, Any]


def an_event(
    name: str,
    *,
    stream: str = STREAM,
    data: dict[str, object] | None = None,
    pointer: str | None = None,
    version: int = 1,
    occurred_at: datetime = NOON,
) -> NewEvent:
    """An event that happens once under this name."""
    return NewEvent(
        stream,
        "MessageReceived",
        version,
        {"raw": {"text": name}} if data is None else data,
        occurred_at,
        dedupe_key(int(NOON.timestamp() * 1000), name),
        pointer,
    )


def a_delivery(
    body: bytes,
    *,
    outcome: str = "stored",
    received_at: datetime = NOON,
    ignored: Iterable[tuple[str, str]] = (),
) -> NewDelivery:
    digest = sha256(body)
    return NewDelivery(
        dedupe_key(0, digest.hexdigest()),
        body,
        digest.digest(),
        f"sha256={digest.hexdigest()}",
        "fingerprint",
        received_at,
        outcome,
        tuple(IgnoredItem(pointer, reason) for pointer, reason in ignored),
    )


async def append_named(conn: Conn, *names: str) -> Appended:
    return await append(conn, [(None, an_event(name)) for name in names])


@asynccontextmanager
async def writing(url: str, **limits: int) -> AsyncIterator[Conn]:
    """A connection that may append, closed at the end."""
    async with await connect_async(url, "wharf_write", **limits) as conn:
        yield conn


async def names(conn: Conn) -> list[str]:
    """What the log holds, in the order of its positions, which are checked to be dense."""
    events = await read_after(conn, START, 1_000_000)

    assert list(range(1, len(events) + 1)) == [event.position for event in events]
    return [name_of(event) for event in events]


def name_of(event: RecordedEvent) -> str:
    raw = event.data["raw"]
    assert isinstance(raw, dict)
    return str(raw["text"])


def rows(url: str, query: Any, *parameters: object) -> list[Row]:
    """What the superuser sees."""
    with (
        psycopg.connect(url, autocommit=True) as conn,
        conn.cursor(row_factory=dict_row) as cursor,
    ):
        return cursor.execute(query, parameters).fetchall()


def deliveries(url: str) -> list[Row]:
    return rows(url, "select * from log.deliveries order by id")


def delivery_items(url: str) -> list[Row]:
    return rows(
        url,
        "select delivery_id, pointer, outcome, position, reason from log.delivery_items"
        " order by delivery_id, pointer",
    )


async def until(condition: Callable[[], bool]) -> None:
    """Let the other tasks run until it is so."""
    while not condition():  # noqa: ASYNC110 (it is PostgreSQL that makes it so)
        await asyncio.sleep(0)


def waits(url: str, pid: int, *, event: str) -> Callable[[], bool]:
    """Whether the server process waits for this: `relation` is a lock, `SyncRep` a standby."""

    def asked() -> bool:
        found = rows(url, "select wait_event from pg_stat_activity where pid = %s", pid)
        return [{"wait_event": event}] == found

    return asked


async def until_it_waits(url: str, conn: Conn, append: asyncio.Task[Appended]) -> None:
    """Until the append on this connection waits for the append lock."""
    waiting = waits(url, conn.info.backend_pid, event="relation")
    await until(lambda: append.done() or waiting())

    assert not append.done(), "it did not have to wait"


def gone(url: str, pid: int) -> Callable[[], bool]:
    """Whether the server process has ended."""
    return lambda: [] == rows(url, "select from pg_stat_activity where pid = %s", pid)
