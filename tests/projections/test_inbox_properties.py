"""Order, duplication and batch size change nothing in the inbox."""

from collections.abc import Iterator
from random import Random
from typing import Any, LiteralString

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection, sql

from tests.projections.log import (
    BUSINESS,
    Projected,
    Row,
    as_superuser,
    echo,
    empty,
    history,
    mark_read,
    message,
    moved_to,
    post,
    say,
    status,
    without_arrival,
)

PHONES = st.sampled_from([None, "551", "552"])
KINDS = ("message", "message", "status", "status", "moved", "echo", "history")
USERS = st.sampled_from([None, "BR.a", "BR.b"])
SHARED = settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def days(draw: st.DrawFn) -> list[Row]:
    """Deliveries of a few people who share phones, change them and hide them.

    Times are all different: items of one key in the same second are ordered by arrival.
    """
    items: list[Row] = []
    for at in range(draw(st.integers(2, 9))):
        phone, user = draw(PHONES), draw(USERS)
        kind = draw(
            st.sampled_from(["message", "message", "status", "status", "moved", "echo", "history"])
        )
        if phone is None and user is None:
            phone = "551"
        if kind == "message":
            name = draw(st.sampled_from([None, "Ana", "Bia"]))
            items.append(message(f"in{at}", at, phone=phone, user=user, name=name))
        elif kind == "status":
            wamid = draw(st.sampled_from(["out1", "out2"]))
            step = draw(st.sampled_from(["sent", "delivered", "read", "failed"]))
            items.append(status(wamid, step, at, phone=phone, user=user))
        elif kind == "echo":
            items.append(echo(draw(st.sampled_from(["out1", "out3"])), at, phone=phone or "551"))
        elif kind == "history":
            wamid, sender = draw(st.sampled_from([("in0", "551"), ("out1", BUSINESS)]))
            content: Row = draw(st.sampled_from([{}, {"type": "text", "text": {"body": "hola"}}]))
            items.append(history(wamid, at, phone="551", sender=sender, status="READ", **content))
        elif user is not None:
            items.append(moved_to(f"sys{at}", at, phone=phone, user=user, new_user="BR.c"))
        else:
            items.append(moved_to(f"sys{at}", at, phone=phone, new_phone="553"))
    return items


SAID: tuple[tuple[str, Row], ...] = (
    ("ConversationMarkedUnread", {}),
    ("ConversationStateChanged", {"state": "done"}),
    ("ConversationStateChanged", {"state": "snoozed", "until": "2026-11-23T09:00:00Z"}),
    ("ConversationAssigned", {"assignee": "luis"}),
    ("ConversationAssigned", {}),
    ("LabelsChanged", {"added": ["vip", "new"], "removed": []}),
    ("LabelsChanged", {"added": [], "removed": ["vip"]}),
    ("CustomerDetailsChanged", {"email": "a@b.c", "attributes": {"plan": "gold", "n": 3}}),
    ("CustomerDetailsChanged", {"email": "", "removed_attributes": ["plan"]}),
    ("NoteAdded", {"body": "calls after five"}),
    ("NoteEdited", {"note_id": 3, "body": "never calls"}),
    ("NoteDeleted", {"note_id": 3}),
)

# What a conversation's row says, counted from the rows that it is about.
WRONG: LiteralString = """
select c.id
  from conversations c
 cross join lateral (
       select min(m.sorted_at) filter (
                  where m.direction = 'in'
                    and m.sorted_at > coalesce(c.last_outgoing_at, '-infinity')) as waiting_since,
              count(*) filter (where m.status = 'failed') as failed,
              count(*) filter (where m.direction = 'in' and not m.read) as unread,
              max(m.id) as last_id,
              max(m.id) filter (where m.direction = 'in' and m.content_rank = 0) as incoming
         from messages m where m.conversation_id = c.id) t
 cross join lateral (
       select max(d.id) filter (where d.name = 'unread') as unread,
              max(d.value::text::bigint) filter (where d.name = 'read') as read,
              max(d.id) as id
         from details d join messages m on m.id = d.filed_under
        where m.conversation_id = c.id) d
 where (c.waiting_since, c.failed_count, c.unread_count, c.last_id, c.last_incoming_id,
        c.marked_unread, c.said_id)
       is distinct from
       (t.waiting_since, t.failed, t.unread, t.last_id, t.incoming,
        coalesce(d.unread > coalesce(d.read, 0), false),
        greatest(d.id, 0, (select max(n.changed_id)
                             from notes n join messages m on m.id = n.filed_under
                            where m.conversation_id = c.id)))
"""


def head(conn: Connection[Any]) -> int:
    row = conn.execute("select coalesce(max(position), 0) from log.events").fetchone()
    assert row is not None  # an aggregate always answers one row
    return int(row[0])


@pytest.fixture
def inbox(database: str) -> Iterator[Projected]:
    projected = Projected(database)
    with projected.conn:
        yield projected


@pytest.mark.slow
@SHARED
@given(day=days(), shuffle=st.randoms(use_true_random=False), repeats=st.integers(0, 3))
def test_any_order_and_any_repetition_gives_the_tables_of_the_clean_run(
    inbox: Projected, day: list[Row], shuffle: Random, repeats: int
) -> None:
    with as_superuser(inbox.url) as conn:
        empty(conn)
        post(inbox.url, *day)
        inbox.catch_up()
        clean = without_arrival(inbox.dump())

        again = [*day, *day[:repeats]]
        shuffle.shuffle(again)
        empty(conn)
        post(inbox.url, *again)
        inbox.catch_up(step_events=2)

        assert clean == without_arrival(inbox.dump())


@pytest.mark.slow
@SHARED
@given(
    day=days(),
    reads=st.lists(st.tuples(st.integers(0, 8), st.integers(1, 8)), max_size=2),
    said=st.lists(
        st.tuples(st.integers(0, 8), st.integers(1, 8), st.sampled_from(SAID)), max_size=6
    ),
)
def test_the_size_of_the_batches_changes_not_a_byte(
    inbox: Projected,
    day: list[Row],
    reads: list[tuple[int, int]],
    said: list[tuple[int, int, tuple[str, Row]]],
) -> None:
    with as_superuser(inbox.url) as conn:
        empty(conn)
        for number, item in enumerate(day):
            post(inbox.url, item)
            for after, up_to in reads:
                if after == number:
                    mark_read(inbox.url, "u:BR.a", "p:551", up_to=up_to)
            for after, of, (type_, data) in said:
                # Nobody can speak of what is not there yet.
                if after == number and max(of, data.get("note_id", 0)) <= head(conn):
                    say(inbox.url, type_, of, **data)
        inbox.catch_up(step_events=1)
        one_by_one = inbox.dump()
        conn.execute("set search_path = inbox_1")

        assert [] == conn.execute(WRONG).fetchall()
        for step_events in (2, 3, 1_000):
            for table in one_by_one:
                conn.execute(sql.SQL("truncate {}").format(sql.Identifier("inbox_1", table)))
            conn.execute("update read.versions set position = 0")
            inbox.catch_up(step_events=step_events)

            assert one_by_one == inbox.dump()
