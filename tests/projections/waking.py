"""Workers of a view under a test's hands: hints that get lost, and runs that die."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
from dramatiq import Message, Worker
from dramatiq.broker import Broker
from dramatiq.brokers.stub import StubBroker
from psycopg import Connection
from typing_extensions import override

from events.envelope import Position
from projections.hints import Sweep
from projections.inbox.view import INBOX
from projections.projecting import Projecting
from projections.view import View

# Only against hanging for ever; nothing is expected to take this long.
GUARD_S = 120.0
# So long that no test lives to see a second sweep.
NEVER_S = 3_600.0


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until it is so."""
    guard = time.monotonic() + GUARD_S
    while not condition():
        assert time.monotonic() < guard, f"not within {GUARD_S:.0f} s"
        time.sleep(0.005)


class LossyBroker(StubBroker):
    """Loses 60 % of the hints and doubles 40 % of the others."""

    def __init__(self, seed: int) -> None:
        super().__init__(middleware=[])
        self._random = random.Random(seed)
        self.lost = 0
        self.doubled = 0

    @override
    def enqueue(self, message: Message[Any], *, delay: int | None = None) -> Message[Any]:
        if self._random.random() < 0.6:
            self.lost += 1
            return message
        if self._random.random() < 0.4:
            self.doubled += 1
            super().enqueue(message)
        return super().enqueue(message)


class Dying:
    """The inbox, some of whose batches lose their connection after the last statement."""

    def __init__(self, seed: int, share: float) -> None:
        self._random = random.Random(seed)
        self._share = share
        self.died = 0

    def apply(self, conn: Connection[Any], after: Position, to: Position) -> None:
        INBOX.apply(conn, after, to)
        if self._random.random() < self._share:
            self.died += 1
            conn.close()

    def view(self) -> View:
        return replace(INBOX, apply=self.apply)


class Gate:
    """The inbox, whose batches wait before they are applied until they are let through."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()

    def apply(self, conn: Connection[Any], after: Position, to: Position) -> None:
        self.entered.set()
        assert self.opened.wait(GUARD_S)
        INBOX.apply(conn, after, to)

    def view(self) -> View:
        return replace(INBOX, apply=self.apply)


@contextmanager
def projecting(url: str, view: View = INBOX) -> Iterator[Projecting]:
    found = Projecting(url, {view.name: view})
    try:
        yield found
    finally:
        found.close()


@contextmanager
def sweeping(working: Projecting, period_s: float = 0.01) -> Iterator[None]:
    sweep = Sweep(working, period_s)
    sweep.start()
    try:
        yield
    finally:
        sweep.stop()


@contextmanager
def worker(broker: Broker, threads: int = 3) -> Iterator[None]:
    running = Worker(broker, worker_threads=threads, worker_timeout=10)
    running.start()
    try:
        yield
    finally:
        running.stop(timeout=int(GUARD_S * 1_000))


def caught_up(url: str) -> bool:
    """Whether every version of the inbox that answers or will answer has reached the head."""
    with psycopg.connect(url, autocommit=True) as conn:
        row = conn.execute(
            "select bool_and(position = (select coalesce(max(position), 0) from log.events))"
            "  from read.versions where view = 'inbox'"
        ).fetchone()
    return row == (True,)
