"""Deliveries with merges between them, in any order: the tables are what the log says."""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from events.envelope import Position
from projections import versions
from projections.inbox.view import INBOX
from tests.projections.log import (
    BUSINESS,
    Projected,
    Row,
    as_superuser,
    echo,
    empty,
    history,
    message,
    moved_to,
    reacted,
    status,
)
from tests.projections.merging import Merge, Step, Unmerge, record
from tests.projections.people import Conversation, conversations, events_of

QUICK, DEEP = 5, 60
PHONES = ("551", "552", "553")
USERS = ("BR.a", "BR.b", "BR.c")
STREAMS = st.sampled_from([f"p:{phone}" for phone in PHONES] + [f"u:{user}" for user in USERS])
TIMES = st.integers(0, 12)
CASES = [
    pytest.param(QUICK, marks=pytest.mark.slow, id="quick"),
    pytest.param(DEEP, marks=pytest.mark.deep, id="deep"),
]


@st.composite
def deliveries(draw: st.DrawFn, number: int, at: int) -> Row:
    """Something of a few people who share phones, change them and hide them."""
    phone = draw(st.sampled_from([None, *PHONES[:2]]))
    user = draw(st.sampled_from([None, *USERS[:2]]))
    kind = draw(st.sampled_from(["message", "message", "status", "moved", "echo", "history", "re"]))
    if phone is None and user is None:
        phone = "551"
    if kind == "message":
        return message(f"in{number}", at, phone=phone, user=user, name=draw(NAMES))
    if kind == "status":
        wamid = draw(st.sampled_from(["out1", "out2"]))
        return status(wamid, draw(st.sampled_from(["sent", "read"])), at, phone=phone, user=user)
    if kind == "echo":
        return echo(draw(st.sampled_from(["out1", "out3"])), at, phone=phone or "551")
    if kind == "history":
        wamid, sender = draw(st.sampled_from([("in0", "551"), ("out1", BUSINESS)]))
        return history(wamid, at, phone="551", sender=sender, status="READ")
    if kind == "re":
        return reacted(f"re{number}", at, "in0", "👍", phone=phone, user=user)
    if user is not None:
        return moved_to(f"sys{number}", at, phone=phone, user=user, new_user="BR.c")
    return moved_to(f"sys{number}", at, phone=phone, new_phone="553")


NAMES = st.sampled_from([None, "Ana", "Bia"])
MERGES = st.builds(Merge, STREAMS, TIMES, STREAMS, TIMES)


@st.composite
def days(draw: st.DrawFn) -> list[Step]:
    """Deliveries, merges and ends of merges, in the order in which they are recorded.

    Times are all different: of items with one key in the same second the log keeps the first.
    """
    steps: list[Step] = []
    merges = 0
    times = draw(st.permutations(range(draw(st.integers(3, 12)))))
    for number, at in enumerate(times):
        kind = draw(st.sampled_from(["delivery", "delivery", "delivery", "merge", "unmerge"]))
        if kind == "merge":
            steps.append(draw(MERGES))
            merges += 1
        elif kind == "unmerge" and merges:
            steps.append(Unmerge(draw(st.integers(0, merges - 1))))
        else:
            steps.append(draw(deliveries(number, at)))
    return steps


@pytest.fixture
def inbox(database: str) -> Iterator[Projected]:
    projected = Projected(database)
    with projected.conn:
        yield projected


def shown(inbox: Projected) -> list[Conversation]:
    """The conversations as the tables have them."""
    members: dict[int, list[str]] = {}
    for row in inbox.rows("messages"):
        if row["conversation_id"] is not None:
            members.setdefault(row["conversation_id"], []).append(row["message_id"])
    return [
        Conversation(row["id"], tuple(sorted(members.pop(row["id"]))), row["message_count"])
        for row in inbox.conversations()
    ]


def profile(examples: int) -> settings:
    return settings(
        deadline=None,
        max_examples=examples,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.mark.parametrize("examples", CASES)
def test_conversations_are_those_of_the_plain_rules_and_steps_change_not_a_byte(
    inbox: Projected, examples: int
) -> None:
    @profile(examples)
    @given(day=days())
    def check(day: list[Step]) -> None:
        with as_superuser(inbox.url) as conn:
            empty(conn)
            record(inbox.url, day)
            expected = conversations(events_of(conn))
        inbox.catch_up(step_events=1)
        one_by_one = inbox.dump()

        assert expected == shown(inbox)
        for step_events in (2, 3, 1_000):
            assert one_by_one == inbox.anew(step_events)

    check()


@pytest.mark.parametrize("examples", CASES)
def test_the_order_of_the_deliveries_changes_no_conversation(
    inbox: Projected, examples: int
) -> None:
    """Merges stay in their order, since an end names what it ends; deliveries go anywhere."""

    @profile(examples)
    @given(day=days(), shuffle=st.randoms(use_true_random=False))
    def check(day: list[Step], shuffle: Random) -> None:
        with as_superuser(inbox.url) as conn:
            empty(conn)
            record(inbox.url, day)
            inbox.catch_up()
            clean = inbox.together()

            places = list(range(len(day)))
            shuffle.shuffle(places)
            ours = [step for step in day if isinstance(step, Merge | Unmerge)]
            mixed = [day[place] for place in places]
            again = [ours.pop(0) if isinstance(s, Merge | Unmerge) else s for s in mixed]
            empty(conn)
            record(inbox.url, again)
            inbox.catch_up(step_events=2)

        assert clean == inbox.together()

    check()


@pytest.mark.parametrize("examples", CASES)
def test_merges_that_are_applied_late_come_to_the_same(inbox: Projected, examples: int) -> None:
    """An event that failed is put aside, and applied when the view is far ahead."""

    @profile(examples)
    @given(day=days(), shuffle=st.randoms(use_true_random=False))
    def check(day: list[Step], shuffle: Random) -> None:
        with as_superuser(inbox.url) as conn:
            empty(conn)
            record(inbox.url, day)
            events = events_of(conn)
        inbox.catch_up()
        in_order = inbox.dump()
        with as_superuser(inbox.url) as conn:
            for table in INBOX.keys:
                conn.execute(sql.SQL("truncate {}").format(sql.Identifier("inbox_1", table)))
        late = [e.position for e in events if "merged" in e.type and shuffle.random() < 0.7]
        shuffle.shuffle(late)
        on_time = [event.position for event in events if event.position not in late]
        for position in (*on_time, *late):
            with inbox.conn.transaction():
                versions.enter(inbox.conn, "inbox_1")
                INBOX.apply(inbox.conn, Position(position - 1), Position(position))

        assert in_order == inbox.dump()

    check()
