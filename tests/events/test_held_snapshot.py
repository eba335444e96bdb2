"""A snapshot that is held open keeps dead rows from being cleared away, but appends leave none.

What an append costs is counted in blocks of shared buffers, which do not depend on how busy the
machine is. A counter row in place of the lock goes through the same count as the control.
"""

from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from tests.events.given import rows

COMMITS = 5_000
# The three indexes of log.events grow by a level or two from empty to thousands of rows.
BLOCKS_MORE_MAX = 10

APPEND: LiteralString = """
log.append_v1('[]', '{}', json_build_array(json_build_object(
    'stream', 's', 'type', 'T', 'version', 1, 'occurred_at', now(), 'data', '{}'::json,
    'dedupe', md5(random()::text))))
"""


def blocks_more(url: str, call: LiteralString) -> int:
    """How many more blocks a call touches after thousands of commits under one snapshot."""
    once = sql.SQL("explain (analyze, buffers, format json) select ") + sql.SQL(call)
    many = sql.SQL("do $$ begin for n in 1..{} loop perform {}; commit; end loop; end $$")
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as conn:

        def blocks() -> int:
            # Whatever makes PostgreSQL plan again, autovacuum for one, counts once.
            plans = [conn.execute(once).fetchall()[0][0][0]["Plan"] for _ in range(5)]
            return min(int(p["Shared Hit Blocks"] + p["Shared Read Blocks"]) for p in plans)

        holder.execute("set transaction isolation level repeatable read")
        holder.execute("select count(*) from log.events")
        early = blocks()
        conn.execute(many.format(sql.Literal(COMMITS), sql.SQL(call)))
        return blocks() - early


@pytest.mark.slow
def test_appends_under_a_held_snapshot_touch_no_more_blocks(database: str) -> None:
    assert blocks_more(database, APPEND) <= BLOCKS_MORE_MAX

    assert [{"lock": 0, "dead": 0}] == rows(
        database,
        "select pg_relation_size('log.append_lock') as lock,"
        " pg_stat_get_dead_tuples('log.events'::regclass) as dead",
    )


@pytest.mark.slow
def test_a_counter_row_under_a_held_snapshot_touches_ever_more_blocks(database: str) -> None:
    """The control: the count above sees what it is there to see."""
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("drop table if exists counter")
        conn.execute("create table counter (position bigint)")
        conn.execute("insert into counter values (0)")
        conn.execute(
            "create or replace function count_up() returns void language sql as"
            " 'update counter set position = position + 1'"
        )

    assert blocks_more(database, "count_up()") > BLOCKS_MORE_MAX
