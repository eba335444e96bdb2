"""A log of generated events, written past the append function: the bench is not about appending."""

from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec
import psycopg
from psycopg import Connection

from bench.generator import deliveries
from write_side.translation.delivery import translate

RECEIVED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def fill(conn: Connection[Any], events: int, seed: int = 1, people: int = 4_000) -> None:
    """As many events at the end of the log, in one COPY; `conn` is a superuser's."""
    encode = msgspec.json.Encoder().encode
    row = conn.execute("select coalesce(max(position), 0) from log.events").fetchone()
    assert row is not None  # an aggregate always answers one row
    position = row[0]
    with conn.cursor().copy(
        "copy log.events (position, stream, type, version, data, occurred_at, recorded_at,"
        " delivery_id, pointer, dedupe) from stdin"
    ) as copy:
        for body in islice(deliveries(seed, people), events):
            for event in translate(body, RECEIVED_AT).events:
                position += 1
                copy.write_row(
                    (
                        position,
                        event.stream,
                        event.type,
                        event.version,
                        encode(event.data).decode(),
                        event.occurred_at,
                        RECEIVED_AT,
                        position,
                        event.pointer,
                        event.dedupe,
                    )
                )
    conn.execute("vacuum analyze log.events")


def empty(conn: Connection[Any]) -> None:
    """Forget all events; only a superuser can, and only by taking the triggers away."""
    with conn.transaction():
        conn.execute("alter table log.events disable trigger user")
        conn.execute("truncate log.events")
        conn.execute("alter table log.events enable trigger user")


def connect(url: str) -> Connection[Any]:
    return psycopg.connect(url, autocommit=True)
