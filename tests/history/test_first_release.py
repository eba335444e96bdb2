"""A database of the first release is upgraded in place, and nothing in it is lost."""

import gzip
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from events.checking import check
from events.database import connect
from projections.catalogue import VIEWS
from projections.projecting import Projecting
from projections.rebuild import rebuild
from projections.verify import verify
from wharf.renewal import outdated
from wharf.schema import apply_schema

DUMP = Path(__file__).with_name("release_0_1_0.sql.gz")
LOG: dict[str, bytes] = {
    "events": b"select e::text from log.events e order by position",
    "deliveries": b"select d::text from log.deliveries d order by id",
    "items": b"select i::text from log.delivery_items i order by delivery_id, pointer",
}


@pytest.fixture
def old(server: str, template: str) -> Any:
    """A day of the demo's traffic as the first release stored it."""
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute("create database first_release")
    url = make_conninfo(server, dbname="first_release")
    with psycopg.connect(url) as conn:
        conn.execute(gzip.decompress(DUMP.read_bytes()))
    yield url
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(
            sql.SQL("drop database {} with (force)").format(sql.Identifier("first_release"))
        )


LIFTED: LiteralString = """
select version, data ->> 'step', data ->> 'outcome' from log.current where type = 'CallChanged'
"""
CALL = Path(__file__).with_name("CallChanged.v1.json")
APPEND: LiteralString = """
select log.append_v1('[]', '{}', json_build_array(json_build_object(
           'stream', '1/p:2', 'type', 'CallChanged', 'version', 1, 'data', %s::jsonb,
           'occurred_at', now(), 'dedupe', gen_random_uuid())), null, null)
"""


def call(url: str) -> None:
    """A shape that no release stores any more, by the first release's own function."""
    with connect(url, "wharf_write") as conn:
        conn.execute(APPEND, (CALL.read_text(),))


def log(url: str) -> dict[str, list[Any]]:
    with psycopg.connect(url) as conn:
        return {name: conn.execute(query).fetchall() for name, query in LOG.items()}


@pytest.mark.slow
def test_the_log_stays_and_every_view_is_what_it_says(old: str) -> None:
    call(old)
    before = log(old)

    for _ in range(2):
        apply_schema(old)
    for view in outdated(old):
        rebuild(old, view)
    working = Projecting(old, VIEWS)
    for name in VIEWS:
        working.catch_up(name)
    working.close()

    assert before == log(old)
    assert 223 == len(before["events"])
    assert [] == outdated(old)
    for view in VIEWS.values():
        assert [] == verify(old, view).differences
    with connect(old, "wharf_write") as conn:
        assert check(conn).sound
        assert [(2, "terminate", "COMPLETED")] == conn.execute(LIFTED).fetchall()
    with connect(old, "wharf_read") as conn:
        assert (
            conn.execute("select from read.messages where message_type = 'text'").fetchone() == ()
        )
