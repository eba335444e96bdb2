"""Hints: "view X has work". They carry no data, so nothing is lost with a lost one.

A hint that is doubled finds nothing to do, and the sweep finds what a lost one would have found.
That is why an in-process queue is a fit broker.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable

import dramatiq
from dramatiq.broker import Broker

from projections.projecting import Projecting

logger = logging.getLogger(__name__)

QUEUE = "project"
# How often a hint to another process is looked after, and when it is given up for lost.
LOOK_S = 0.01
LOST_S = 10.0
BROKEN_S = 5.0


class HintPublisher:
    """One thread that sends hints; whoever has appended only sets a flag.

    At most one hint per view is outstanding, so the queue stays short also while no worker runs:
    it is outstanding until a worker of this process has `taken` it, or until `reached` says that
    another one has applied what it was about. After a failure the broker is left alone for a
    while: the sweep carries on.
    """

    def __init__(
        self,
        send: Callable[[str], object],
        views: Iterable[str],
        reached: Callable[[str, int], bool] = lambda view, position: False,
    ) -> None:
        self._send = send
        self._reached = reached
        self._taken = {view: threading.Event() for view in views}
        self._hinted = dict.fromkeys(self._taken, 0)
        self._lost_at = dict.fromkeys(self._taken, 0.0)
        self._head = 0
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hints", daemon=True)
        self.sent = 0
        self.dropped = 0

    def __enter__(self) -> "HintPublisher":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        self._wanted.set()
        self._thread.join()

    def appended(self, position: int) -> None:
        """The head is at `position` now; never blocks."""
        self._head = position
        self._wanted.set()

    def taken(self, view: str) -> None:
        """A worker of this process has begun with the view's work."""
        self._taken[view].set()
        self._wanted.set()

    def _run(self) -> None:
        held_back = False
        while not self._stopping.is_set():
            self._wanted.wait(LOOK_S if held_back else None)
            self._wanted.clear()
            held_back = False
            for view, hinted in self._hinted.items():
                if hinted < self._head and not self._stopping.is_set():
                    if self._outstanding(view):
                        held_back = True
                    else:
                        self._publish(view)

    def _outstanding(self, view: str) -> bool:
        return (
            time.monotonic() < self._lost_at[view]
            and not self._taken[view].is_set()
            and not self._reached(view, self._hinted[view])
        )

    def _publish(self, view: str) -> None:
        self._hinted[view] = self._head
        self._taken[view].clear()
        try:
            self._send(view)
        except Exception as error:  # noqa: BLE001 (brokers raise several families; none may end the thread)
            self.dropped += 1
            logger.warning("hint not sent", extra={"view": view, "reason": type(error).__name__})
            self._stopping.wait(BROKEN_S)
        else:
            self._lost_at[view] = time.monotonic() + LOST_S
            self.sent += 1


def declare_actor(
    broker: Broker, projecting: Projecting, taken: Callable[[str], None] = lambda view: None
) -> Callable[[str], object]:
    """The actor that hints wake up; answers the function that sends one."""

    def project(view: str) -> None:
        if view not in projecting.views:
            logger.warning("hint for an unknown view", extra={"view": view})
            return
        taken(view)
        projecting.catch_up(view)

    return dramatiq.Actor(
        project, broker=broker, actor_name="project", queue_name=QUEUE, priority=0, options={}
    ).send


class Sweep:
    """Asks every second or so what is due: the guarantee that hints only make quicker.

    All views one after the other, or those that are named.
    """

    def __init__(
        self, projecting: Projecting, period_s: float = 1.0, views: Iterable[str] | None = None
    ) -> None:
        self._projecting = projecting
        self._period_s = period_s
        self._views = tuple(projecting.views if views is None else views)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            for view in self._views:
                self._projecting.catch_up(view)
            # Sweeps of several processes drift apart by what their work takes.
            self._stopping.wait(self._period_s)
