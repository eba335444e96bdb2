"""The past of a conversation from its own events is what a replay of the whole log says it was."""

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any, LiteralString

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from psycopg.rows import dict_row

from events.database import connect
from events.envelope import Position
from events.read import head_of
from projections import projector, replay, versions
from projections.inbox.story import STORY
from projections.inbox.view import INBOX
from projections.past import past
from tests.projections.log import Projected, Row, as_superuser, empty, say
from tests.projections.merging import Step, record
from tests.projections.test_inbox_merges_properties import days
from tests.projections.test_inbox_properties import SAID

Said = tuple[int, tuple[str, Row]]
SPOKEN = st.lists(
    st.tuples(
        st.integers(1, 12),
        st.sampled_from(
            [
                *(each for each in SAID if "note_id" not in each[1]),
                ("ConversationRead", {"up_to": 3}),
                ("ConversationRead", {"up_to": 9}),
            ]
        ),
    ),
    max_size=3,
)

QUICK, DEEP = 2, 40

# Everything that a conversation and its messages are made of.
OF_CONVERSATION: dict[str, LiteralString] = {
    "conversations": "t.id = %(id)s",
    "messages": "t.conversation_id = %(id)s",
    "statuses": "t.message_id in (select message_id from messages where conversation_id = %(id)s)",
    "reactions": "t.message_id in (select message_id from messages where conversation_id = %(id)s)",
    "revisions": "t.message_id in (select message_id from messages where conversation_id = %(id)s)",
    "details": "t.conversation_id = %(id)s",
    "notes": "t.conversation_id = %(id)s",
    "note_versions": "t.note_id in (select id from notes where conversation_id = %(id)s)",
    "identities": "t.conversation_id = %(id)s",
}


def rows_of(conn: Connection[Any], id_: int) -> dict[str, list[Row]]:
    """The conversation's rows of the tables that are found by name."""
    found = {}
    with conn.cursor(row_factory=dict_row) as cursor:
        for table, condition in OF_CONVERSATION.items():
            query = f"select * from {table} t where {condition} order by t::text"
            found[table] = cursor.execute(query.encode(), {"id": id_}).fetchall()
    return found


class Beside:
    """A replay that goes through the log event by event, in a schema of its own."""

    def __init__(self, conn: Connection[Any]) -> None:
        self._conn = conn
        projector.prepare(conn)
        replay.replay(conn, INBOX, "beside", Position(0))

    def apply(self, position: Position) -> None:
        with self._conn.transaction():
            versions.enter(self._conn, "beside")
            INBOX.apply(self._conn, Position(position - 1), position)

    def conversations(self) -> dict[int, dict[str, list[Row]]]:
        with self._conn.transaction():
            versions.enter(self._conn, "beside")
            ids = self._conn.execute("select id from conversations order by id").fetchall()
            return {id_: rows_of(self._conn, id_) for (id_,) in ids}

    def close(self) -> None:
        self._conn.execute("drop schema beside cascade")


@pytest.fixture
def inbox(database: str) -> Iterator[Projected]:
    projected = Projected(database)
    with projected.conn:
        yield projected


def every_position(url: str, asking: Connection[Any]) -> None:
    """Compares each conversation as of each position with the replay up to there."""
    with connect(url, "wharf_owner") as owner, closing(Beside(owner)) as beside:
        head = head_of(owner)
        for position in range(1, head + 1):
            beside.apply(Position(position))
            for id_, expected in beside.conversations().items():
                with past(asking, [id_], Position(position)) as conn:
                    assert (position, expected) == (position, rows_of(conn, id_))


def speak(inbox: Projected, of: int, type_: str, data: Row) -> None:
    """In a stream of the conversation that it is about, if there is such a message."""
    message = next((row for row in inbox.rows("messages") if row["id"] == of), None)
    if message is not None:
        say(inbox.url, type_, of, stream=message["filed_by"].split("/", 1)[-1], **data)


@pytest.mark.parametrize(
    "examples",
    [
        pytest.param(QUICK, marks=pytest.mark.slow, id="quick"),
        pytest.param(DEEP, marks=pytest.mark.deep, id="deep"),
    ],
)
def test_a_conversation_as_of_every_position_is_what_a_replay_up_to_there_says(
    inbox: Projected, examples: int
) -> None:
    @settings(
        deadline=None,
        max_examples=examples,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(day=days(), early=SPOKEN, late=SPOKEN)
    def check(day: list[Step], early: list[Said], late: list[Said]) -> None:
        with as_superuser(inbox.url) as conn:
            empty(conn)
        half = len(day) // 2
        for steps, said in ((day[:half], early), (day[half:], late)):
            record(inbox.url, steps)
            inbox.catch_up()
            for of, (type_, data) in said:
                speak(inbox, of, type_, data)
        inbox.catch_up()
        every_position(inbox.url, inbox.conn)

    check()


MANY: LiteralString = """
insert into log.events (position, stream, type, version, data, occurred_at, recorded_at, dedupe)
select i, '106/p:' || i % 1000, 'MessageReceived', 1,
       jsonb_build_object('message_id', 'w' || i, 'phone_number_id', '106', 'wa_id', i % 1000,
                          'message_type', 'text'),
       now(), now(), ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid
  from generate_series(1, 5000) i
"""


@pytest.mark.slow
def test_a_story_reads_the_events_of_its_streams_and_no_others(inbox: Projected) -> None:
    with as_superuser(inbox.url) as conn:
        conn.execute(MANY)
        inbox.catch_up()
        conn.execute("analyze")
    with inbox.conn.transaction():
        versions.enter(inbox.conn, "inbox_1")
        explain = "explain (analyze, costs off, timing off) " + STORY
        values = {"ids": [9], "to": 5_000}
        plan = inbox.conn.execute(explain.encode(), values, prepare=False).fetchall()

    read = [int(rows) for (line,) in plan for rows in re.findall(r"actual rows=(\d+)", line)]
    assert 5 in read
    assert max(read) < 100
