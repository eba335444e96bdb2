"""The workers of a process: threads that project or download when hinted, and their sweeps."""

from collections.abc import Callable

from dramatiq import Worker
from dramatiq.broker import Broker

from projections.catalogue import OURS, REGISTERED, VIEWS
from projections.hints import QUEUE as PROJECT
from projections.hints import HintPublisher, Sweep, declare_actor
from projections.projecting import Projecting
from read_api.exports.working import QUEUE as EXPORTS
from read_api.exports.working import ExportWork
from read_api.exports.working import declare_actor as declare_export_actor
from wharf.broker import make_broker
from wharf.job_sweep import JobSweep
from write_side.media.working import QUEUE as MEDIA
from write_side.media.working import MediaWork
from write_side.media.working import declare_actor as declare_media_actor

THREADS = 2
MEDIA_THREADS = 2
EXPORT_THREADS = 1
# Nobody waits for the other views by the millisecond: the sweep is enough for them.
HINTED = ("inbox",)
STOP_MS = 20_000


class Workers:
    """A worker and a sweep for as long as the context lasts."""

    def __init__(
        self,
        url: str,
        make_broker: Callable[[], Broker],
        media: MediaWork | None = None,
        exports: ExportWork | None = None,
    ) -> None:
        broker = make_broker()
        self.projecting = Projecting(url, VIEWS)
        self.publisher = HintPublisher(declare_actor(broker, self.projecting, self._taken), HINTED)
        # A slow view of somebody else's holds none of ours up.
        self._sweeps = [Sweep(self.projecting, views=OURS)]
        if REGISTERED.views:
            self._sweeps.append(Sweep(self.projecting, views=REGISTERED.views))
        self._worker = Worker(broker, queues={PROJECT}, worker_threads=THREADS)
        # A broker each: dramatiq wants one worker on one broker.
        self._apart: list[Apart] = []
        if media is not None:
            broker = make_broker()
            downloads = JobSweep(MEDIA, media, declare_media_actor(broker, media.download_due))
            self._apart.append(Apart(broker, MEDIA, MEDIA_THREADS, downloads))
        if exports is not None:
            broker = make_broker()
            made = JobSweep(EXPORTS, exports, declare_export_actor(broker, exports.work))
            self._apart.append(Apart(broker, EXPORTS, EXPORT_THREADS, made))

    def _taken(self, view: str) -> None:
        if view in HINTED:
            self.publisher.taken(view)

    def __enter__(self) -> "Workers":
        self._worker.start()
        for sweep in self._sweeps:
            sweep.start()
        for each in self._apart:
            each.start()
        return self

    def __exit__(self, *error: object) -> None:
        for each in self._apart:
            each.stop()
        for sweep in self._sweeps:
            sweep.stop()
        self._worker.stop(timeout=STOP_MS)
        self.projecting.close()


class Apart:
    """Threads of their own: a slow download or a long export holds no view up."""

    def __init__(self, broker: Broker, queue: str, threads: int, sweep: JobSweep) -> None:
        self._sweep = sweep
        self._worker = Worker(broker, queues={queue}, worker_threads=threads)

    def start(self) -> None:
        self._worker.start()
        self._sweep.start()

    def stop(self) -> None:
        """What is under way is given back, to be begun anew."""
        self._sweep.stop()
        self._worker.stop(timeout=STOP_MS)


def publisher_for(url: str, broker_url: str) -> HintPublisher:
    """For a process without workers: it wakes the workers of others."""
    projecting = Projecting(url, VIEWS)
    send = declare_actor(make_broker(broker_url), projecting)
    return HintPublisher(send, HINTED, projecting.reached)
