"""The publisher of hints: never in anybody's way, and at most one hint outstanding."""

import threading

import pytest

from projections import hints
from projections.hints import HintPublisher
from tests.projections.waking import GUARD_S, eventually


class Taker:
    """A broker that counts, and takes hints only when it is told to."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.going_on = threading.Event()

    def __call__(self, view: str) -> None:
        self.sent.append(view)
        assert self.going_on.wait(GUARD_S)


def test_telling_of_appends_never_blocks_and_they_become_one_hint() -> None:
    taker = Taker()
    with HintPublisher(taker, ["inbox"]) as publisher:
        publisher.appended(1)
        eventually(lambda: taker.sent == ["inbox"])
        for position in range(10_000):
            publisher.appended(position)
        assert ["inbox"] == taker.sent
        taker.going_on.set()
        publisher.taken("inbox")
        eventually(lambda: publisher.sent == 2)
    assert ["inbox", "inbox"] == taker.sent


def test_the_next_hint_waits_until_a_worker_of_this_process_has_taken_the_last() -> None:
    sent: list[str] = []
    with HintPublisher(sent.append, ["inbox"]) as publisher:
        publisher.appended(1)
        eventually(lambda: sent == ["inbox"])
        for position in range(2, 100):
            publisher.appended(position)
        assert ["inbox"] == sent
        publisher.taken("inbox")
        eventually(lambda: len(sent) == 2)


def test_the_next_hint_waits_until_another_process_has_done_what_the_last_was_about() -> None:
    """However much is appended while no worker runs, the queue gets one hint."""
    sent: list[str] = []
    asked: list[int] = []
    done = threading.Event()

    def reached(view: str, position: int) -> bool:
        asked.append(position)
        return done.is_set()

    with HintPublisher(sent.append, ["inbox"], reached) as publisher:
        publisher.appended(1)
        eventually(lambda: sent == ["inbox"])
        publisher.appended(2)
        eventually(lambda: len(asked) > 3)
        assert ["inbox"] == sent
        done.set()
        eventually(lambda: len(sent) == 2)
    assert {1} == set(asked)


def test_a_hint_that_is_lost_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hints, "LOST_S", 0.05)
    sent: list[str] = []
    with HintPublisher(sent.append, ["inbox"]) as publisher:
        publisher.appended(1)
        eventually(lambda: sent == ["inbox"])
        publisher.appended(2)
        eventually(lambda: len(sent) == 2)


def test_a_broker_that_fails_is_left_alone_counted_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attempts: list[str] = []
    going = threading.Event()

    def send(view: str) -> None:
        attempts.append(view)
        if not going.is_set():
            raise ConnectionError("no broker")

    with HintPublisher(send, ["inbox"]) as publisher:
        monkeypatch.setattr(hints, "BROKEN_S", GUARD_S)
        publisher.appended(1)
        eventually(lambda: publisher.dropped == 1)
        for position in range(100):
            publisher.appended(position)
        assert (1, 0) == (len(attempts), publisher.sent)

    monkeypatch.setattr(hints, "BROKEN_S", 0.01)
    with HintPublisher(send, ["inbox"]) as publisher:
        publisher.appended(1)
        eventually(lambda: publisher.dropped == 1)
        going.set()
        publisher.appended(2)
        eventually(lambda: publisher.sent == 1)
