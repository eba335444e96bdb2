"""The statements of the ledger use the indexes that were made for them, on a log of some size."""

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import Connection
from psycopg.sql import SQL, Composable

from events import arrivals, deliveries, facts, history, items, lag, listing
from tests.conftest import new_database
from write_side import idempotency, reprocess, seen

pytestmark = pytest.mark.slow

# A POST of one item each; a tenth of a percent was not understood, and settled by the end.
SEED: LiteralString = """
insert into log.deliveries (id, key, body, sha256, signature, secret, received_at, outcome,
                            last_attempt_at)
select i, ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid, 'body',
       decode(repeat('00', 32), 'hex'), '', '', t,
       case when i % 1000 = 0 then 'quarantined' else 'stored' end, t
  from generate_series(1, 40000) i
 cross join lateral (select timestamptz '2026-01-01' + i * interval '1 second' as t) at;

insert into log.events (position, stream, type, version, data, occurred_at, recorded_at,
                        delivery_id, pointer, dedupe, causation)
select i, 's' || i % 100,
       case when i % 1000 = 0 then 'ItemQuarantined' else 'MessageReceived' end, 1, '{}',
       now(), now(), case when i <= 40000 then i end, '/entry/0',
       ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid,
       case when i > 40000 then (i - 40000) * 1000 end
  from generate_series(1, 40040) i;

insert into log.delivery_items (delivery_id, pointer, outcome, position)
select i, '/entry/1', 'duplicate', 1 from generate_series(1, 40000, 2) i;

insert into ops.api_keys (id, name, secret_hash, scopes)
select i::text, 'key', '', '{}' from generate_series(1, 5000) i;

insert into ops.idempotency_keys (id, actor, body_hash, begun_at, leased_until)
select i::text::bytea, 'key:' || i % 500, '', timestamptz '2026-01-01' + i * interval '1 second',
       '2026-01-01'
  from generate_series(1, 40000) i;
"""


@pytest.fixture(scope="module")
def seeded(server: str, template: str) -> Iterator[Connection[Any]]:
    with new_database(server, template) as url, psycopg.connect(url, autocommit=True) as conn:
        conn.execute(SEED)
        conn.execute("vacuum analyze")
        conn.execute("set role wharf_write")
        yield conn


def listed(*chosen: str, descending: bool = True) -> Composable:
    return deliveries.statement(chosen, descending)


ALWAYS = {"deliveries_pkey", "events_by_delivery", "delivery_items_pkey"}
BY_TIME = ALWAYS | {"deliveries_by_time"}

STATEMENTS: dict[str, tuple[Composable, dict[str, object], set[str]]] = {
    "deliveries": (listed(), {"rows": 51}, BY_TIME),
    "the next page": (listed("before"), {"rows": 51, "at": "2026-01-01T05:00Z", "id": 9}, BY_TIME),
    "the page before": (
        listed("after", descending=False),
        {"rows": 51, "at": "2026-01-01T05:00Z", "id": 9},
        BY_TIME,
    ),
    "deliveries of a time": (
        listed("from", "to"),
        {"rows": 51, "from": "2026-01-01T05:00Z", "to": "2026-01-01T06:00Z"},
        BY_TIME,
    ),
    "deliveries of an outcome": (
        listed("not stored", "outcome"),
        {"rows": 51, "outcome": "quarantined"},
        ALWAYS | {"deliveries_not_stored"},
    ),
    "a delivery": (deliveries.ONE, {"id": 9}, {"deliveries_pkey"}),
    "its items": (SQL(items.EVENTS), {"id": 9}, {"events_by_delivery", "events_by_cause"}),
    "its other items": (SQL(items.OTHERS), {"id": 9}, {"delivery_items_pkey"}),
    "its leftovers": (
        SQL(reprocess.LEFTOVERS),
        {"id": 9},
        {"events_by_delivery"},
    ),
    "what has changed": (
        SQL(facts.FACTS),
        {"after": 9, "to": 1_009, "types": ["MessageReceived"], "numbers": None, "limit": 1_000},
        {"events_pkey"},
    ),
    "a history": (
        history.statement(descending=True, placed=True),
        {"streams": ["s", "t"], "up_to": 900, "place": 800, "types": None, "rows": 51},
        {"events_by_stream", "events_pkey"},
    ),
    "the log": (
        listing.statement(by_type=False, by_stream=False),
        {"from": 1, "before": 900, "rows": 51},
        {"events_pkey"},
    ),
    "events of a type": (
        listing.statement(by_type=True, by_stream=False),
        {"from": 500, "before": 900, "rows": 51, "type": "ItemQuarantined"},
        {"events_pkey"},
    ),
    "events of a stream": (
        listing.statement(by_type=False, by_stream=True),
        {"from": 1, "before": 900, "rows": 51, "stream": "nobody's"},
        {"events_pkey", "events_by_stream"},
    ),
    "an event's kin": (
        SQL(listing.KIN),
        {"position": 1_000, "causation": 900},
        {"events_pkey", "events_by_cause"},
    ),
    "how far readers are behind": (
        SQL(lag.LAGS),
        {"positions": [9, 900]},
        {"events_pkey"},
    ),
    "what brought a message": (
        SQL(arrivals.BROUGHT),
        {"delivery_id": 9, "message_id": "wamid.9"},
        {"deliveries_pkey", "events_by_delivery", "delivery_items_of_event"},
    ),
    "when a message was read": (
        SQL(arrivals.READ_AT),
        {"streams": ["s", "t"], "stream": "s", "position": 9},
        {"events_by_stream"},
    ),
    "what was granted before": (
        SQL(seen.GRANTED),
        {"dedupe": "0" * 32},
        {"events_happen_once"},
    ),
    "a key that comes": (
        SQL(idempotency.BEGIN),
        {"id": b"1", "actor": "a", "body_hash": b"", "lease_s": 30},
        {"idempotency_keys_by_age", "idempotency_keys_pkey"},
    ),
    "a key that is known": (SQL(idempotency.KNOWN), {"id": b"1"}, {"idempotency_keys_pkey"}),
    "an answer to remember": (
        SQL(idempotency.REMEMBER),
        {"id": b"1", "status": 200, "headers": None, "answer": b""},
        {"idempotency_keys_pkey"},
    ),
    "too many keys of one": (
        SQL(idempotency.BOUND),
        {"actor": "key:1", "most": 10},
        {"idempotency_keys_by_actor"},
    ),
    "where an event came from": (SQL(deliveries.ORIGIN), {"position": 9}, {"events_pkey"}),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_uses_its_indexes(seeded: Connection[Any], name: str) -> None:
    statement, parameters, indexes = STATEMENTS[name]
    rows = seeded.execute(SQL("explain ") + statement, parameters).fetchall()
    plan = "\n".join(row[0] for row in rows)

    assert set() == {index for index in indexes if index not in plan}, plan
    assert "Seq Scan" not in plan, plan
