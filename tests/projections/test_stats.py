"""The statistics: exact counts, whatever comes first, and however often."""

from collections import Counter
from collections.abc import Iterator
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.envelope import Position
from projections import versions
from projections.inbox.view import INBOX
from projections.rebuild import rebuild
from projections.stats.view import STATS
from projections.verify import verify
from tests.projections.counting import (
    HOUR,
    MESSAGE_COUNTS,
    WAIT_COUNTS,
    Projected,
    days,
    forget,
)
from tests.projections.log import (
    BUSINESS,
    NUMBER,
    Row,
    as_superuser,
    echo,
    empty,
    history,
    message,
    post,
    status,
)
from tests.projections.recount import recount
from tests.projections.test_media import Happened, log

SHARED = settings(
    deadline=None,
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# What the inbox shows of the same log, counted by plain SQL.
INBOX_COUNTS = """
select date_bin('15 minutes', sorted_at, 'epoch'), phone_number_id, direction,
       coalesce(message_type, ''), case when direction = 'out' then status else '' end,
       case when direction = 'out' and status = 'failed' then coalesce(error_code, -1) else -1 end,
       count(*)
  from messages group by 1, 2, 3, 4, 5, 6
"""


@pytest.fixture
def stats(database: str) -> Iterator[Projected]:
    with Projected(database) as projected:
        yield projected


def waits(stats: Projected) -> list[tuple[int, int | None]]:
    """Seconds from NOON at which waits began and ended."""
    rows = stats.query(
        "select extract(epoch from began_at)::bigint - 1763000000,"
        " extract(epoch from answered_at)::bigint - 1763000000 from counted_waits order by 1"
    )
    return [(began, ended) for began, ended in rows]


def of_messages(stats: Projected) -> list[tuple[Any, ...]]:
    """Direction, type, status, error code and number of messages."""
    return [row[2:6] + row[7:] for row in sorted(stats.query(MESSAGE_COUNTS))]


@pytest.mark.slow
@SHARED
@given(day=days(), shuffle=st.randoms(use_true_random=False), repeats=st.integers(0, 3))
def test_any_order_repetition_and_batch_size_gives_what_the_inbox_and_a_plain_recount_give(
    stats: Projected, day: list[Row], shuffle: Random, repeats: int
) -> None:
    with as_superuser(stats.url) as conn:
        empty(conn)
        forget(conn)
        post(stats.url, *day)
        stats.catch_up()
        clean = stats.counted()
        stats.catch_up(3, INBOX)
        shown = Counter({row[:6]: row[6] for row in stats.query(INBOX_COUNTS, "inbox_1")})
        assert recount(conn) == clean
        assert shown == Counter({row[:6]: row[7] for row in clean.messages})

        again = [*day, *day[:repeats]]
        shuffle.shuffle(again)
        empty(conn)
        forget(conn)
        post(stats.url, *again)
        stats.catch_up(step_events=2)
        assert recount(conn) == stats.counted() == clean

        dump = stats.dump()
        for step_events in (1, 1_000):
            forget(conn)
            stats.catch_up(step_events=step_events)
            assert dump == stats.dump()


def test_a_message_counts_once_in_the_quarter_of_an_hour_in_which_it_was_sent(
    stats: Projected,
) -> None:
    post(stats.url, history("in1", 9, phone="551", sender="551", status="READ"))
    stats.catch_up()
    post(stats.url, message("in1", 9, phone="551"), message("in2", 2 * HOUR, phone="551"))
    stats.catch_up()

    assert [("in", "text", "", -1, 1)] * 2 == of_messages(stats)


def test_a_late_status_is_counted_where_its_message_is(stats: Projected) -> None:
    post(stats.url, status("out1", "delivered", 5 * HOUR, phone="551"))
    stats.catch_up()
    post(stats.url, status("out1", "sent", 0, phone="551"), echo("out1", 1, phone="551"))
    stats.catch_up()
    post(stats.url, status("out1", "read", 30 * HOUR, phone="551"))
    stats.catch_up()

    ((bucket, *_),) = stats.query(MESSAGE_COUNTS)
    assert [("out", "text", "read", -1, 1)] == of_messages(stats)
    assert (2, 0) == (bucket.hour, bucket.minute)


def test_a_failure_counts_by_the_code_of_the_first_one_until_delivery_is_proved(
    stats: Projected,
) -> None:
    later = status("out1", "failed", 9, phone="551")
    later["statuses"][0]["errors"] = [{"code": 131026, "title": "Message undeliverable"}]
    post(stats.url, status("out1", "failed", 5, phone="551"), later)
    stats.catch_up()
    assert [("out", "", "failed", 131047, 1)] == of_messages(stats)
    assert [(131026, "Message undeliverable"), (131047, "Re-engagement message")] == stats.query(
        "select error_code, error_title from error_titles order by 1"
    )

    post(stats.url, status("out1", "delivered", 3, phone="551"))
    stats.catch_up()
    assert [("out", "", "delivered", -1, 1)] == of_messages(stats)


def test_a_wait_runs_from_the_first_unanswered_message_to_the_first_answer(
    stats: Projected,
) -> None:
    post(
        stats.url,
        message("in1", 10, phone="551"),
        message("in2", 20, phone="551"),
        message("other", 30, phone="552"),
        echo("out1", 100, phone="551"),
        echo("out2", 110, phone="551"),
        message("in3", 200, phone="551"),
    )
    stats.catch_up()

    assert [(10, 100), (30, None), (200, None)] == waits(stats)


def test_an_answer_that_comes_late_ends_the_wait_before_it(stats: Projected) -> None:
    post(
        stats.url,
        message("in1", 10, phone="551"),
        message("in2", 50, phone="551"),
        echo("out1", 100, phone="551"),
    )
    stats.catch_up()
    assert [(10, 100)] == waits(stats)

    post(stats.url, echo("out2", 40, phone="551"))
    stats.catch_up()
    assert [(10, 40), (50, 100)] == waits(stats)

    # It turns out to have been sent before anything was asked.
    post(stats.url, history("out2", 5, phone="551", sender=BUSINESS, status="READ"))
    stats.catch_up()
    assert [(10, 100)] == waits(stats)


def test_who_is_linked_later_had_been_answered_all_along(stats: Projected) -> None:
    post(stats.url, message("in1", 10, user="BR.a"), status("out1", "sent", 70, phone="551"))
    stats.catch_up()
    assert [(10, None)] == waits(stats)

    post(stats.url, message("in2", 100, user="BR.a", phone="551"))
    stats.catch_up()
    assert [(10, 70), (100, None)] == waits(stats)


def test_an_answer_after_a_day_is_late(stats: Projected) -> None:
    post(stats.url, message("in1", 0, phone="551"), message("in2", 0, phone="552"))
    post(stats.url, echo("out1", 24 * HOUR, phone="551"), echo("out2", 24 * HOUR + 1, phone="552"))
    stats.catch_up()

    # 1.1^119 s is a little less than a day, 1.1^120 s a little more.
    assert [(120, False), (120, True)] == sorted(row[2:4] for row in stats.query(WAIT_COUNTS))


FILE = {"media_id": "7", "phone_number_id": NUMBER}
IMAGE: Happened = (
    "MessageReceived",
    {"phone_number_id": NUMBER, "message_id": "w", "message_type": "image", "media": FILE},
)
GIVEN_UP: Happened = ("MediaFailed", {**FILE, "reason": "http-500", "final": True, "attempts": 5})
EXPIRED: Happened = ("MediaFailed", {**FILE, "reason": "expired", "final": True, "attempts": 6})
ASKED: Happened = ("MediaRequested", {**FILE, "answers": 2})
STORED: Happened = ("MediaStored", {**FILE, "sha256": "", "size": 9, "store": "", "attempts": 1})


@pytest.mark.parametrize("step_events", [1, 2, 9])
@pytest.mark.parametrize(
    ("happened", "state"),
    [
        ([IMAGE], ""),
        ([IMAGE, GIVEN_UP], "failed"),
        ([GIVEN_UP, IMAGE], "failed"),
        ([IMAGE, GIVEN_UP, ASKED], ""),
        ([IMAGE, GIVEN_UP, ASKED, EXPIRED], "expired"),
        ([IMAGE, GIVEN_UP, ASKED, STORED], ""),
    ],
)
async def test_a_message_whose_file_was_given_up_is_counted_as_such(
    stats: Projected, happened: list[Happened], state: str, step_events: int
) -> None:
    await log(stats.url, *happened)
    stats.catch_up(step_events)

    assert [(state, 1)] == [row[6:] for row in stats.query(MESSAGE_COUNTS)]


@pytest.mark.slow
def test_a_rebuild_gives_the_same_bytes_and_verify_agrees(stats: Projected) -> None:
    for n in range(12):
        phone, user = f"55{n % 3}", f"US.{n % 3}"
        post(
            stats.url,
            message(f"in{n}", n * HOUR, phone=phone, user=user if n % 4 else None),
            status(f"out{n // 2}", "read" if n % 2 else "failed", n * HOUR + 60, phone=phone),
        )
        stats.catch_up(step_events=1)
    rebuild(stats.url, STATS)

    assert stats.dump(1) == stats.dump(2)
    assert (24, []) == verify(stats.url, STATS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("message_counts", "messages = messages + 1"),
        ("wait_counts", "waits = waits + 1"),
        ("counted_messages", "step = 5"),
    ],
)
def test_verify_finds_what_is_wrong(stats: Projected, table: str, change: str) -> None:
    post(stats.url, message("in1", 0, phone="551"))
    stats.catch_up()
    with as_superuser(stats.url) as conn:
        conn.execute(f"update stats_1.{table} set {change}".encode())

    # A count stands in rows of three widths.
    assert {table} == {found.table for found in verify(stats.url, STATS).differences}


def test_events_applied_in_any_order_give_the_same_counts(stats: Projected) -> None:
    """An event that was put aside comes late, alone."""
    post(stats.url, message("in1", 10, phone="551"), echo("out1", 20, phone="551"))
    post(stats.url, status("out1", "failed", 30, phone="551"))
    seen = []
    for order in permutations(range(3)):
        with as_superuser(stats.url) as conn:
            forget(conn)
        for n in order:
            with stats.conn.transaction():
                versions.enter(stats.conn, "stats_1")
                STATS.apply(stats.conn, Position(n), Position(n + 1))
        seen.append(stats.dump())

    assert seen == [seen[0]] * 6
