"""Hints only make it quicker: lost, doubled or unsent, the read tables come out the same."""

import threading
from dataclasses import replace
from itertools import count

import psycopg
import pytest

from projections import hints, projector
from projections.hints import HintPublisher, declare_actor
from projections.inbox.view import INBOX
from projections.projecting import Projecting
from projections.verify import verify
from tests.projections.log import as_superuser, message, post, status
from tests.projections.waking import (
    GUARD_S,
    NEVER_S,
    Dying,
    Gate,
    LossyBroker,
    caught_up,
    eventually,
    projecting,
    sweeping,
    worker,
)
from wharf.broker import make_broker


def a_day(url: str, begin: int, deliveries: int) -> None:
    """Some conversations with statuses before and after their messages."""
    values = []
    for n in range(begin, begin + deliveries):
        phone = f"55{n % 7}"
        values.append(message(f"in{n}", n, phone=phone, user=f"US.{n % 5}" if n % 3 else None))
        values.append(status(f"out{n - n % 2}", "delivered" if n % 2 else "sent", n, phone=phone))
    post(url, *values)


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)]
)
def test_hints_lost_and_doubled_and_runs_that_die_leave_no_trace(
    database: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hints, "LOST_S", 0.02)
    broker = LossyBroker(seed)
    dying = Dying(seed, share=0.2)
    with projecting(database, dying.view()) as working:
        send = declare_actor(broker, working)
        with (
            sweeping(working, period_s=0.05),
            worker(broker),
            HintPublisher(send, working.views) as publisher,
        ):
            parts = count()

            def one_more() -> bool:
                part = next(parts)
                a_day(database, part * 10, 5)
                publisher.appended(part + 1)
                return min(broker.lost, broker.doubled, dying.died) >= 3

            eventually(one_more)
            eventually(lambda: caught_up(database))

    assert [] == verify(database, INBOX).differences


@pytest.mark.slow
def test_two_workers_of_two_processes_apply_each_event_once(database: str) -> None:
    """One of them has the checkpoint; what the other finds, it leaves alone."""
    with projecting(database) as one, projecting(database) as two:
        going = threading.Event()

        def race(working: Projecting) -> None:
            while not going.is_set():
                working.catch_up("inbox")

        racers = [threading.Thread(target=race, args=[each]) for each in (one, two, one, two)]
        for racer in racers:
            racer.start()
        for part in range(5):
            a_day(database, part * 10, 10)
        eventually(lambda: caught_up(database))
        going.set()
        for racer in racers:
            racer.join()

    assert [] == verify(database, INBOX).differences


def test_a_worker_does_not_wait_for_another_one(database: str) -> None:
    gate = Gate()
    post(database, message("m", 1, phone="551"))
    with projecting(database, gate.view()) as slow, projecting(database) as quick:
        applying = threading.Thread(target=slow.catch_up, args=["inbox"])
        applying.start()
        assert gate.entered.wait(GUARD_S)

        quick.catch_up("inbox")

        assert not caught_up(database)
        gate.opened.set()
        applying.join()
    assert caught_up(database)
    assert [] == verify(database, INBOX).differences


def test_a_worker_that_stands_still_loses_its_turn(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a host that lost its network would hold its views up until the kernel gave it up."""
    monkeypatch.setattr(projector, "STILL_MS", 100)
    post(database, message("m", 1, phone="551"))
    still = projector.connect_projector(database)
    still.execute("begin")
    still.execute("select from read.versions where view = 'inbox' for update")

    with projecting(database) as working:

        def taken_over() -> bool:
            working.catch_up("inbox")
            return caught_up(database)

        eventually(taken_over)

    with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
        still.execute("commit")
    assert still.closed


def test_what_came_during_a_batch_is_applied_without_another_hint(database: str) -> None:
    gate = Gate()
    post(database, message("m", 1, phone="551"))
    with projecting(database, gate.view()) as working:
        applying = threading.Thread(target=working.catch_up, args=["inbox"])
        applying.start()
        assert gate.entered.wait(GUARD_S)
        post(database, message("meanwhile", 2, phone="551"))
        gate.opened.set()
        applying.join()

    assert caught_up(database)


def test_without_any_hint_the_sweep_finds_what_is_due(database: str) -> None:
    with projecting(database) as working, sweeping(working):
        for part in range(3):
            a_day(database, part * 10, 2)
            eventually(lambda: caught_up(database))


def test_without_any_sweep_a_hint_is_enough(database: str) -> None:
    broker = make_broker("stub://")
    with projecting(database) as working:
        send = declare_actor(broker, working)
        with worker(broker), HintPublisher(send, working.views) as publisher:
            a_day(database, 0, 2)
            publisher.appended(1)
            eventually(lambda: caught_up(database))


def test_a_sweep_ends_at_once_when_it_is_told_to(database: str) -> None:
    with projecting(database) as working, sweeping(working, NEVER_S):
        pass


def test_a_lost_connection_is_made_anew_by_the_next_one_who_asks(database: str) -> None:
    with projecting(database) as working:
        a_day(database, 0, 1)
        working.catch_up("inbox")
        with psycopg.connect(database, autocommit=True) as conn:
            conn.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'wharf-project' and datname = current_database()"
            )
        a_day(database, 1, 1)

        working.catch_up("inbox")
        working.catch_up("inbox")
        assert caught_up(database)


@pytest.mark.slow
@pytest.mark.parametrize("error", [ValueError("a fault of ours"), psycopg.DataError("bad")])
def test_a_batch_that_fails_moves_nothing_and_ends_nobody(database: str, error: Exception) -> None:
    """The sweep is the guarantee: a thread that had ended would be missed by nobody."""
    failing = threading.Event()
    failing.set()
    failed = threading.Event()

    def apply(*batch: object) -> None:
        INBOX.apply(*batch)  # type: ignore[arg-type]
        if failing.is_set():
            failed.set()
            raise error

    a_day(database, 0, 1)
    with projecting(database, replace(INBOX, apply=apply)) as working, sweeping(working):
        assert failed.wait(GUARD_S)
        assert not caught_up(database)
        failing.clear()
        eventually(lambda: caught_up(database))
    assert [] == verify(database, INBOX).differences


def test_rows_and_checkpoint_are_one_commit(database: str) -> None:
    a_day(database, 0, 2)
    with as_superuser(database) as conn, projecting(database) as working:
        conn.execute(
            "create function refuse() returns trigger language plpgsql as"
            " $$ begin raise 'the checkpoint does not move'; end $$"
        )
        conn.execute(
            "create trigger refuse before update on read.versions execute function refuse()"
        )
        working.catch_up("inbox")
        assert (0,) == conn.execute("select count(*) from inbox_1.messages").fetchone()
        conn.execute("drop trigger refuse on read.versions")
        working.catch_up("inbox")
        assert (3,) == conn.execute("select count(*) from inbox_1.messages").fetchone()


def test_a_hint_for_a_view_that_nobody_knows_is_passed_over(database: str) -> None:
    """Another release may have sent it."""
    broker = make_broker("stub://")
    with projecting(database) as working:
        send = declare_actor(broker, working)
        with worker(broker):
            send("a view of tomorrow")
            a_day(database, 0, 1)
            send("inbox")
            eventually(lambda: caught_up(database))
