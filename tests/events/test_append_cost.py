"""What an append costs grows neither with what is stored nor under a snapshot that is held open.

Such a snapshot keeps dead rows from being cleared away; appends leave none. The cost is counted
in blocks of shared buffers, which do not depend on how busy the machine is. A counter row in
place of the lock goes through the same count as the control.
"""

from collections.abc import Mapping
from typing import LiteralString

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from tests.events.given import rows

COMMITS = 4_000
# Five indexes grow by a level or two from empty to thousands of rows.
BLOCKS_MORE_MAX = 14

EVENT: LiteralString = """
log.append_v1('[]', '{}', json_build_array(json_build_object(
    'stream', 's', 'type', 'T', 'version', 1, 'occurred_at', now(), 'data', '{}'::json,
    'dedupe', md5(random()::text))))
"""
DELIVERY: LiteralString = """
log.append_v1(
    json_build_array(json_build_object(
        'key', md5(random()::text), 'sha256', repeat('00', 32), 'signature', '', 'secret', '',
        'received_at', now(), 'outcome', 'stored', 'ignored', '[]'::json)),
    array[''::bytea],
    json_build_array(json_build_object(
        'delivery', 0, 'pointer', '/0', 'stream', 's', 'type', 'T', 'version', 1,
        'occurred_at', now(), 'data', '{}'::json, 'dedupe', md5(random()::text))))
"""
REDELIVERY: LiteralString = """
log.append_v1(
    json_build_array(json_build_object(
        'key', md5(''), 'sha256', repeat('00', 32), 'signature', '', 'secret', '',
        'received_at', now(), 'outcome', 'stored', 'ignored', '[]'::json)),
    array[''::bytea],
    '[]')
"""
KNOWN_EVENT: LiteralString = """
log.append_v1('[]', '{}', json_build_array(json_build_object(
    'stream', 's', 'type', 'T', 'version', 1, 'occurred_at', now(), 'data', '{}'::json,
    'dedupe', md5(''))))
"""
EXPECTING: LiteralString = """
log.append_v1('[]', '{}', json_build_array(json_build_object(
    'stream', 's', 'type', 'T', 'version', 1, 'occurred_at', now(), 'data', '{}'::json,
    'dedupe', md5(random()::text))), array['s'], 1000000)
"""


CALLS: dict[str, LiteralString] = {
    "event": EVENT,
    "known event": KNOWN_EVENT,
    "delivery": DELIVERY,
    "redelivery": REDELIVERY,
    "event of a known stream": EXPECTING,
}


def blocks_more(
    url: str, calls: Mapping[str, LiteralString], others: LiteralString
) -> dict[str, int]:
    """How many more blocks each call touches after thousands of commits under one snapshot."""
    many = sql.SQL("do $$ begin for n in 1..{} loop perform {}; commit; end loop; end $$")
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as conn:
        holder.execute("set transaction isolation level repeatable read")
        holder.execute("select count(*) from log.events")
        early = {name: blocks(conn, call) for name, call in calls.items()}
        conn.execute(many.format(sql.Literal(COMMITS), sql.SQL(others)))
        return {name: blocks(conn, call) - early[name] for name, call in calls.items()}


def blocks(conn: Connection[TupleRow], call: LiteralString) -> int:
    query = sql.SQL("explain (analyze, buffers, format json) select ") + sql.SQL(call)
    # Whatever makes PostgreSQL plan again, autovacuum for one, counts once.
    plans = [conn.execute(query).fetchall()[0][0][0]["Plan"] for _ in range(5)]
    return min(int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]) for plan in plans)


@pytest.mark.slow
def test_an_append_touches_no_more_blocks_than_before(database: str) -> None:
    more = blocks_more(database, CALLS, others=DELIVERY)

    assert {} == {name: count for name, count in more.items() if count > BLOCKS_MORE_MAX}
    assert [{"lock": 0, "dead": 0}] == rows(
        database,
        "select pg_relation_size('log.append_lock') as lock,"
        " pg_stat_get_dead_tuples('log.events'::regclass) as dead",
    )


@pytest.mark.slow
def test_a_counter_row_touches_ever_more_blocks(database: str) -> None:
    """The control: the count above sees what it is there to see."""
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("drop table if exists counter")
        conn.execute("create table counter (position bigint, padding char(200))")
        conn.execute("insert into counter values (0, '')")
        conn.execute(
            "create or replace function count_up() returns void language sql as"
            " 'update counter set position = position + 1'"
        )
    more = blocks_more(database, {"count up": "count_up()"}, others="count_up()")

    assert more["count up"] > BLOCKS_MORE_MAX
