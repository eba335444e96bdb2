"""Statistics read the counts of their range by index, and counting looks rows up one by one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import Connection
from psycopg.sql import SQL

from projections import projector
from projections.stats import batch
from projections.stats.view import STATS, STEPS
from read_api.reading import Query
from read_api.stats import agents, counting, delivery, summary
from read_api.stats.business import Business
from read_api.stats.ranges import Range, buckets
from tests.conftest import new_database

pytestmark = pytest.mark.slow

SEED: LiteralString = """
insert into counted_messages (phone_number_id, message_id, filed_by, person, direction, content,
                              message_type, media_id, sent_at, received_at, counted_at, step)
select '1065', 'wamid.' || i, '01065/p:' || i % 9000, '1065/p:' || i % 9000,
       case when i % 3 = 0 then 'out' else 'in' end, i, 'text',
       case when i % 20 = 0 then i::text end, t, t, t, 0
  from generate_series(1, 40000) i
 cross join lateral (select timestamptz '2026-01-01' + i * interval '10 minutes' as t) at;

insert into counted_links (phone_number_id, wa_id, user_id, linked_at)
select '1065', i, 'BR.' || i, '2026-01-01' from generate_series(1, 9000) i;

insert into counted_identities (identity)
select '1065/p:' || i from generate_series(1, 3000) i;

insert into counted_people (identity, person)
select '1065/p:' || i, '1065/p:' || i - 1 from generate_series(2, 3000, 2) i;

insert into counted_continuations (old_stream, new_stream, continued_at)
select '1065/p:' || i, '1065/p:' || i + 1, '2026-01-02' from generate_series(1, 2999, 2) i;

insert into counted_departures (stream, other_stream, departed_at)
select old_stream, new_stream, continued_at from counted_continuations;

insert into counted_acts (id, act, acted_at, phone_number_id, actor, conversation_id)
select i, 'note', timestamptz '2026-01-01' + i * interval '10 minutes', '1065', 'user:ana', i
  from generate_series(1, 40000) i;

insert into counted_merges (id, stream, at, other_stream, other_at, merged_at)
select i, '1065/p:' || i, t, '1065/p:' || i + 1, t, t
  from generate_series(1, 3000) i, (select timestamptz '2026-01-03' as t) at;

insert into counted_waits (person, phone_number_id, began_at, answered_at)
select '1065/p:' || i % 9000, '1065', t, case when i % 50 <> 0 then t end
  from generate_series(1, 40000) i
 cross join lateral (select timestamptz '2026-01-01' + i * interval '10 minutes' as t) at;

insert into message_counts (width, bucket_at, phone_number_id, direction, message_type, status,
                            error_code, media_state, messages)
select s.width, date_bin(make_interval(mins => s.width), m.counted_at, 'epoch'), m.phone_number_id,
       m.direction, m.message_type, 'sent', -1, '', count(*)
  from counted_messages m cross join (values (15), (60), (360)) s(width) group by 1, 2, 3, 4, 5;

insert into wait_counts (width, bucket_at, phone_number_id, slot, late, waits)
select s.width, date_bin(make_interval(mins => s.width), w.began_at, 'epoch'), w.phone_number_id,
       i, false, count(*)
  from counted_waits w cross join generate_series(1, 2) i
 cross join (values (15), (60), (360)) s(width) group by 1, 2, 3, 4;
"""

NOW = datetime(2026, 9, 9, 10, 7, tzinfo=UTC)
WEEK = Range(
    NOW.replace(minute=0) - timedelta(days=7), NOW.replace(minute=0), ZoneInfo("UTC"), "1065"
)
DAYS = buckets(WEEK, "day")
WAITS, OVERDUE = counting.waits(WEEK, DAYS, NOW)
OPEN, OPEN_OVERDUE = counting.waits(WEEK, DAYS, NOW, Business(540, 1_080, (1, 2, 3)))

STATEMENTS: dict[str, tuple[Query, str]] = {
    "volume": (counting.messages(WEEK, DAYS, ("c.direction",), "in"), "message_counts_pkey"),
    "delivery": (counting.messages(WEEK, DAYS, delivery.COLUMNS, "out"), "message_counts_pkey"),
    "summary": (counting.messages(WEEK, DAYS, summary.COLUMNS), "message_counts_pkey"),
    "every number": (
        counting.messages(WEEK._replace(phone_number_id=None), DAYS, summary.COLUMNS),
        "message_counts_pkey",
    ),
    "errors": (counting.failures(WEEK, DAYS), "message_counts_pkey"),
    "hours": (counting.hours(WEEK, None), "message_counts_pkey"),
    "waits": (WAITS, "wait_counts_pkey"),
    "waits that go on": (OVERDUE, "counted_waits_open"),
    "waits of business hours": (OPEN, "wait_counts_pkey"),
    "those that go on": (OPEN_OVERDUE, "counted_waits_open"),
}


@pytest.fixture(scope="module")
def seeded(server: str, template: str) -> Iterator[Connection[Any]]:
    """The view's tables, not small; as the superuser."""
    with new_database(server, template) as url, psycopg.connect(url, autocommit=True) as conn:
        conn.execute("set search_path = stats_1")
        conn.execute(SEED)
        conn.execute("vacuum analyze")
        yield conn


def plan(conn: Connection[Any], query: Query) -> str:
    statement, parameters, *_ = query
    explain = SQL("explain ") + (SQL(statement) if isinstance(statement, str) else statement)
    return "\n".join(row[0] for row in conn.execute(explain, parameters).fetchall())


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_range_is_read_by_its_index(seeded: Connection[Any], name: str) -> None:
    query, index = STATEMENTS[name]
    found = plan(seeded, query)

    assert index in found, found
    assert "Seq Scan on" not in found.replace("Seq Scan on error_titles", ""), found
    assert "counted_messages" not in found, found


def test_what_was_done_is_found_by_its_time(
    seeded: Connection[Any],
) -> None:
    with seeded.transaction(force_rollback=True):
        seeded.execute("set local search_path = stats_1, inbox_1")
        # As for whoever asks.
        seeded.execute("set local enable_seqscan = off")
        found = plan(seeded, agents.agents(WEEK))

    assert "counted_acts_by_time" in found, found
    assert "Seq Scan on" not in found, found


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_counting_scans_no_table_of_the_view(seeded: Connection[Any], number: int) -> None:
    with seeded.transaction(force_rollback=True):
        projector.prepare(seeded)
        seeded.execute(batch.TEMPORARY_TABLES, prepare=False)
        found = plan(seeded, Query(STEPS[number], {}))

    for table in STATS.keys:
        assert f"Seq Scan on {table}" not in found, found
        # Nor from end to end of an index.
        for line, after in zip(found.splitlines(), found.splitlines()[1:], strict=False):
            if "Index" in line and f" on {table} " in line:
                assert "Index Cond" in after, found
