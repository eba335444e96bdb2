"""A log of generated events, written past the append function: the bench is not about appending."""

from datetime import UTC, datetime
from itertools import islice
from typing import Any, LiteralString

import msgspec
import psycopg
from psycopg import Connection

from bench.generator import EVENTS_A_SECOND, deliveries
from write_side.translation.delivery import translate

RECEIVED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)

# The events up to `count`, once more at the end: by the same people, with ids, keys and times of
# their own. The generator's ids have the seed in four digits.
_AGAIN: LiteralString = """
insert into log.events (position, stream, type, version, data, occurred_at, recorded_at,
                        delivery_id, pointer, dedupe)
select e.position + %(turn)s * %(count)s, e.stream, e.type, e.version,
       case when e.data ? 'media'
            then jsonb_set(again.data, '{media,media_id}',
                           to_jsonb(%(turn)s::text || (e.data -> 'media' ->> 'media_id')))
            else again.data end,
       again.occurred_at, e.recorded_at, e.position + %(turn)s * %(count)s, e.pointer,
       (lpad(to_hex((extract(epoch from again.occurred_at) * 1000)::bigint), 12, '0')
        || substr(md5(e.dedupe::text || %(turn)s), 1, 20))::uuid
  from log.events e
 cross join lateral (
       select replace(e.data::text, 'wamid.HBgM0001',
                      'wamid.HBgM' || to_char(1 + %(turn)s, 'FM0000'))::jsonb as data,
              e.occurred_at + %(turn)s * %(length)s::interval as occurred_at) again
 where e.position <= %(count)s
 order by e.position
"""


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


def fill_large(conn: Connection[Any], events: int, made: int = 200_000) -> None:
    """As many events in an empty log, of which the first `made` are generated and then told again.

    Making each by itself takes six times as long. `conn` is a superuser's.
    """
    fill(conn, min(events, made))
    length = made / EVENTS_A_SECOND
    for turn in range(1, -(-events // made)):
        told = {"turn": turn, "count": made, "length": f"{length} seconds"}
        conn.execute(_AGAIN, told)
    conn.execute("vacuum analyze log.events")


def empty(conn: Connection[Any]) -> None:
    """Forget all events; only a superuser can, and only by taking the triggers away."""
    with conn.transaction():
        conn.execute("alter table log.events disable trigger user")
        conn.execute("truncate log.events")
        conn.execute("alter table log.events enable trigger user")


def connect(url: str) -> Connection[Any]:
    return psycopg.connect(url, autocommit=True)
