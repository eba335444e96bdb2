"""The workers of a process: threads that project when a hint wakes them, and a sweep."""

from dramatiq import Worker
from dramatiq.broker import Broker

from projections.catalogue import VIEWS
from projections.hints import HintPublisher, Sweep, declare_actor
from projections.projecting import Projecting
from wharf.broker import make_broker

THREADS = 2
STOP_MS = 20_000


class Workers:
    """A worker and a sweep for as long as the context lasts."""

    def __init__(self, url: str, broker: Broker) -> None:
        self.projecting = Projecting(url, VIEWS)
        self.publisher = HintPublisher(declare_actor(broker, self.projecting, self._taken), VIEWS)
        self._sweep = Sweep(self.projecting)
        self._worker = Worker(broker, worker_threads=THREADS)

    def _taken(self, view: str) -> None:
        self.publisher.taken(view)

    def __enter__(self) -> "Workers":
        self._worker.start()
        self._sweep.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._sweep.stop()
        self._worker.stop(timeout=STOP_MS)
        self.projecting.close()


def publisher_for(url: str, broker_url: str) -> HintPublisher:
    """For a process without workers: it wakes the workers of others."""
    projecting = Projecting(url, VIEWS)
    send = declare_actor(make_broker(broker_url), projecting)
    return HintPublisher(send, VIEWS, projecting.reached)
