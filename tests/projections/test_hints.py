"""The publisher of hints: never in anybody's way, and at most one hint outstanding."""

import threading

import pytest
from typing_extensions import override

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
        eventually(lambda: publisher.sent == 2)
    assert ["inbox", "inbox"] == taker.sent


class Watched(threading.Event):
    """Says when somebody has begun to wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.awaited = threading.Event()

    @override
    def wait(self, timeout: float | None = None) -> bool:
        self.awaited.set()
        return super().wait(GUARD_S)


def test_the_next_hint_waits_until_the_last_one_is_taken() -> None:
    sent: list[str] = []
    taken = Watched()
    publisher = HintPublisher(sent.append, ["inbox"])
    publisher._taken["inbox"] = taken
    with publisher:
        publisher.appended(1)
        assert taken.awaited.wait(GUARD_S)
        for position in range(100):
            publisher.appended(position)
        assert ["inbox"] == sent
        publisher.taken("inbox")
        eventually(lambda: 2 == len(sent))
        publisher.taken("inbox")
    assert 2 == publisher.sent


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
