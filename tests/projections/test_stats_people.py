"""Whose waits they are: the person of the inbox's conversation, whatever is learnt first."""

from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.envelope import Position
from projections import versions
from projections.inbox.view import INBOX
from projections.stats.view import STATS
from projections.verify import verify
from tests.projections.counting import Projected, forget
from tests.projections.log import NOON, as_superuser, echo, empty, message, moved_to, post
from tests.projections.merging import Merge, Step, Unmerge, merge, record, unmerge
from tests.projections.recount import recount
from tests.projections.test_inbox_merges_properties import CASES, days, profile

HELD = """
select conversation_id, sorted_at, direction from messages
 where conversation_id is not null order by sorted_at, direction
"""


@pytest.fixture
def stats(database: str) -> Iterator[Projected]:
    with Projected(database) as projected:
        yield projected


def waits(stats: Projected) -> list[tuple[int, int | None]]:
    """Seconds from NOON at which waits began and ended."""
    rows = stats.query("select began_at, answered_at from counted_waits")
    return sorted(((_seconds(began), ended and _seconds(ended)) for began, ended in rows), key=str)


def of_conversations(stats: Projected) -> list[tuple[int, int | None]]:
    """The same of the inbox's conversations, in plain Python."""
    began: dict[int, datetime] = {}
    found: list[tuple[int, int | None]] = []
    for conversation, at, direction in stats.query(HELD, "inbox_1"):
        if direction == "in":
            began.setdefault(conversation, at)
        elif conversation in began:
            found.append((_seconds(began.pop(conversation)), _seconds(at)))
    return sorted([*found, *((_seconds(at), None) for at in began.values())], key=str)


def _seconds(at: datetime) -> int:
    return round(at.timestamp()) - NOON


def test_a_wait_goes_on_under_a_new_number(stats: Projected) -> None:
    post(stats.url, message("in1", 10, phone="551"))
    stats.catch_up()
    post(
        stats.url,
        moved_to("sys", 20, phone="551", new_phone="559"),
        message("in2", 30, phone="559"),
        echo("out1", 40, phone="559"),
    )
    stats.catch_up(step_events=1)

    assert [(10, 40)] == waits(stats)


def test_the_next_owner_of_a_number_waits_alone(stats: Projected) -> None:
    post(
        stats.url,
        message("in1", 10, phone="551"),
        echo("out1", 40, phone="551"),
        message("in2", 50, phone="551"),
    )
    stats.catch_up()
    assert [(10, 40), (50, None)] == waits(stats)

    post(stats.url, moved_to("sys", 20, phone="551", new_phone="559"))
    stats.catch_up()
    assert [(10, None), (50, None)] == waits(stats)


def test_a_merge_joins_two_waits_and_its_end_parts_them(stats: Projected) -> None:
    post(
        stats.url,
        message("in1", 10, phone="551"),
        message("in2", 20, phone="552"),
        echo("out1", 30, phone="552"),
    )
    stats.catch_up()
    apart = [(10, None), (20, 30)]
    assert apart == waits(stats)

    merged = merge(stats.url, "p:551", 10, "p:552", 20)
    stats.catch_up()
    assert [(10, 30)] == waits(stats)
    assert (4, []) == verify(stats.url, STATS)

    unmerge(stats.url, merged)
    stats.catch_up()
    assert apart == waits(stats)


@pytest.mark.parametrize("examples", CASES)
def test_waits_are_those_of_the_conversations_and_steps_change_not_a_byte(
    stats: Projected, examples: int
) -> None:
    @profile(examples)
    @given(day=days())
    def check(day: list[Step]) -> None:
        with as_superuser(stats.url) as conn:
            empty(conn)
            forget(conn)
            record(stats.url, day)
            stats.catch_up(1)
            stats.catch_up(view=INBOX)
            one_by_one = stats.dump()

            assert of_conversations(stats) == waits(stats)
            assert recount(conn) == stats.counted()
            for step_events in (2, 3, 1_000):
                forget(conn)
                stats.catch_up(step_events)
                assert one_by_one == stats.dump()

    check()


@pytest.mark.parametrize("examples", CASES)
def test_the_order_of_the_deliveries_changes_no_wait(stats: Projected, examples: int) -> None:
    """Merges stay in their order, since an end names what it ends; deliveries go anywhere."""

    @profile(examples)
    @given(day=days(), shuffle=st.randoms(use_true_random=False))
    def check(day: list[Step], shuffle: Random) -> None:
        counted: list[Any] = []
        ours = [step for step in day if isinstance(step, Merge | Unmerge)]
        mixed = shuffle.sample(day, len(day))
        again = [ours.pop(0) if isinstance(s, Merge | Unmerge) else s for s in mixed]
        for steps, step_events in ((day, 1_000), (again, 2)):
            with as_superuser(stats.url) as conn:
                empty(conn)
                forget(conn)
            record(stats.url, steps)
            stats.catch_up(step_events)
            counted.append((waits(stats), stats.counted()))

        assert counted[0] == counted[1]

    check()


@pytest.mark.parametrize("examples", CASES[1:])
def test_events_that_are_applied_late_come_to_the_same(stats: Projected, examples: int) -> None:
    """An event that failed is put aside, and applied when the view is far ahead."""

    @profile(examples)
    @given(day=days(), shuffle=st.randoms(use_true_random=False))
    def check(day: list[Step], shuffle: Random) -> None:
        with as_superuser(stats.url) as conn:
            empty(conn)
            forget(conn)
            record(stats.url, day)
            stats.catch_up()
            in_order = stats.dump()
            forget(conn)
            head = conn.execute("select coalesce(max(position), 0) from log.events").fetchone()
        assert head is not None
        places = list(range(head[0]))
        shuffle.shuffle(places)
        for place in places:
            with stats.conn.transaction():
                versions.enter(stats.conn, "stats_1")
                STATS.apply(stats.conn, Position(place), Position(place + 1))

        assert in_order == stats.dump()

    check()
