"""Whoever reads while a view is rebuilt and swapped never sees an empty, half or older answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, LiteralString, NamedTuple

import pytest
from psycopg import Connection

from events.database import connect
from projections import versions
from projections.inbox.view import INBOX
from projections.rebuild import rebuild
from tests.projections.log import message, post
from tests.projections.rebuilding import a_life, dump
from tests.projections.waking import caught_up, eventually, projecting, sweeping

PAUSE_S = 0.01

ACTIVE: LiteralString = """
select v.version, v.position, set_config('search_path', quote_ident(v.schema_name), true)
  from read.active a join read.versions v using (view, version)
 where a.view = 'inbox'
"""
# Counters and rows are of one position, or they do not agree.
ASKED: LiteralString = """
select (select count(*) from messages),
       (select count(*) from messages where direction = 'in' and conversation_id is not null),
       (select sum(message_count)::bigint from conversations)
"""


class Answer(NamedTuple):
    version: int
    position: int
    messages: int
    incoming: int
    counted: int


def ask(conn: Connection[Any]) -> Answer:
    """As a request does: a snapshot, where the tables are, and a statement prepared long ago."""
    with conn.transaction():
        conn.execute("set transaction isolation level repeatable read, read only")
        active = conn.execute(ACTIVE).fetchone()
        found = conn.execute(ASKED, prepare=True).fetchone()
    assert active is not None
    assert found is not None
    return Answer(active[0], active[1], *found)


@contextmanager
def asking(url: str) -> Iterator[list[Answer | Exception]]:
    """Every 10 ms, on one connection, until the block ends."""
    answers: list[Answer | Exception] = []
    ended = threading.Event()

    def run() -> None:
        with connect(url, "wharf_read") as conn:
            while not ended.wait(PAUSE_S):
                try:
                    answers.append(ask(conn))
                except Exception as error:  # noqa: BLE001 (the test looks at it)
                    answers.append(error)

    with running(run, ended):
        yield answers


@contextmanager
def writing(url: str) -> Iterator[list[str]]:
    """One message after the other until the block ends; those that are stored."""
    stored: list[str] = []
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(PAUSE_S):
            wamid = f"new{len(stored)}"
            post(url, message(wamid, 1_000 + len(stored), phone=f"55{len(stored) % 7}"))
            stored.append(wamid)

    with running(run, ended):
        yield stored


@contextmanager
def running(run: Any, ended: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def wait_for_more(answers: list[Answer | Exception], stored: list[str]) -> None:
    """The last answer was begun after this, and something was posted since."""
    asked, posted = len(answers) + 2, len(stored) + 1
    eventually(lambda: len(answers) >= asked and len(stored) >= posted)


@pytest.mark.slow
def test_a_reader_sees_no_empty_half_or_older_answer_while_a_writer_posts(database: str) -> None:
    a_life(database)
    with projecting(database) as working, sweeping(working):
        eventually(lambda: caught_up(database))
        with asking(database) as answers, writing(database) as stored:
            for version in (2, 3):
                wait_for_more(answers, stored)
                assert version == rebuild(database, INBOX).version
                wait_for_more(answers, stored)
                assert version == of(answers[-1]).version
        eventually(lambda: caught_up(database))

    told = [of(each) for each in answers]
    assert all(each.messages > 0 and each.incoming == each.counted for each in told)
    for before, after in pairwise(told):
        assert before.version <= after.version
        assert before.position <= after.position
        assert before.messages <= after.messages
    rows = dump(database, 3)
    assert dump(database, 1) == rows
    assert all(any(f",{wamid}," in row for row in rows["messages"]) for wamid in stored)


def of(answer: Answer | Exception) -> Answer:
    if isinstance(answer, Exception):
        raise answer
    return answer


def test_an_open_reader_and_a_prepared_statement_survive_activation(database: str) -> None:
    a_life(database)
    with (
        projecting(database) as working,
        connect(database, "wharf_read") as open_one,
        connect(database, "wharf_read") as conn,
    ):
        working.catch_up("inbox")
        before = ask(conn)
        with open_one.transaction():
            open_one.execute("set transaction isolation level repeatable read, read only")
            versions.enter(open_one, "inbox_1")
            first = open_one.execute(ASKED, prepare=True).fetchone()

            rebuild(database, INBOX)

            assert first == open_one.execute(ASKED, prepare=True).fetchone()
        after = ask(conn)

    assert before._replace(version=2) == after
    assert before.messages > 0
