"""GET /metrics for Prometheus: what this process has done, and how the whole installation is.

Counters and histograms are of this process; gauges come from the database and are the same on each.
Nothing in it names a person.
"""

from collections.abc import Callable, Iterator
from typing import Any, LiteralString, Protocol

import psycopg
from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from events.database import Pool
from events.lag import AGE_OF_NEXT
from events.read import HEAD
from read_api.errors import StoreUnavailable
from read_api.reading import Query, Reading
from read_api.routes import Endpoint

MEDIA_TYPE = "text/plain"
CONTENT_TYPE = "text/plain; version=1.0.0; charset=utf-8"
SCOPE = "stats:read"

VIEWS: LiteralString = """
select v.view, v.position, v.paused_at is not null as paused
  from read.active join read.versions v using (view, version)
"""
MEDIA: LiteralString = """
select state, count(*) from media where state <> 'stored' group by state
"""
# The age of the oldest event that a view has not applied.
LOG: LiteralString = f"""
select v.view, h.head - v.position,
       coalesce({AGE_OF_NEXT}, 0)::float8,
       (select count(*) from ops.poison p where p.view = v.view and p.skipped_at is null)
  from unnest(%(views)s::text[], %(positions)s::bigint[]) as v(view, position)
 cross join ({HEAD}) h(head)
"""
TOTALS: LiteralString = f"""
select ({HEAD}),
       coalesce((select max(id) from log.deliveries), 0),
       (select count(*) from log.deliveries where outcome = 'duplicate'),
       (select count(*) from log.deliveries where outcome = 'ignored'),
       (select count(*) from log.deliveries where outcome = 'quarantined'),
       (select max(received_at) from log.deliveries),
       (select count(*) from ops.media_jobs where closed_at is null)
"""


class Hints(Protocol):
    """How many hints were sent to the broker, and how many it did not take."""

    sent: int
    dropped: int


class Metrics:
    """What is measured in this process, and the page that tells it with what is asked for then."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._append_s = Histogram(
            "wharf_append_seconds",
            "Time of a commit of deliveries and their events",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
            registry=self._registry,
        )
        self._append_size = Histogram(
            "wharf_append_deliveries",
            "Deliveries in a commit",
            buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
            registry=self._registry,
        )

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"wharf_{name}", text, labels, registry=self._registry)

        self._head = gauge("log_head", "Position of the newest event")
        self._deliveries = gauge("deliveries", "Stored deliveries by outcome", "outcome")
        self._last = gauge("last_delivery_timestamp_seconds", "When the last new one was verified")
        self._position = gauge("view_position", "What a view has applied", "view")
        self._lag = gauge("view_lag_events", "Events a view has not applied", "view")
        self._lag_s = gauge("view_lag_seconds", "Age of the oldest of them", "view")
        self._poison = gauge("view_poison", "Events put aside and not skipped", "view")
        self._paused = gauge("view_paused", "1 where somebody holds a view where it is", "view")
        self._media = gauge("media_files", "Files that are not here, by state", "state")
        self._jobs = gauge("media_jobs_open", "Downloads that are due or wait")
        self._streams = gauge("open_streams", "Live streams of this process")

    def committed(self, deliveries: int, seconds: float) -> None:
        """A commit of the intake."""
        self._append_s.observe(seconds)
        self._append_size.observe(deliveries)

    def counts(self, name: str, text: str, label: str, read: Callable[[], dict[str, int]]) -> None:
        """Tell counters that somebody else keeps."""
        self._registry.register(_Kept(f"wharf_{name}", text, label, read))

    def endpoint(self, reading: Reading, askers: Pool, streams: Callable[[], int]) -> Endpoint:
        """The page; it is answered 503 while the database is away."""

        async def metrics(request: Request) -> Response:
            await self._ask(reading, askers)
            self._streams.set(streams())
            return Response(generate_latest(self._registry), media_type=CONTENT_TYPE)

        return Endpoint(
            "/metrics",
            "GET",
            SCOPE,
            metrics,
            summary="What Prometheus wants to know",
            answer=MEDIA_TYPE,
        )

    async def _ask(self, reading: Reading, askers: Pool) -> None:
        answers = await reading.read([Query(VIEWS, {}), Query(MEDIA, {})])
        views, media = answers.rows
        facts = {
            "views": [row["view"] for row in views],
            "positions": [row["position"] for row in views],
        }
        try:
            async with askers.connection() as conn:
                lags = await (await conn.execute(LOG, facts)).fetchall()
                totals = await (await conn.execute(TOTALS)).fetchone()
        except (psycopg.OperationalError, PoolTimeout, PoolClosed, TooManyRequests) as error:
            raise StoreUnavailable("the database does not answer") from error
        assert totals is not None  # subqueries without a table answer one row
        self._set_views(dict(zip(facts["views"], facts["positions"], strict=True)), lags)
        for row in views:
            self._paused.labels(row["view"]).set(row["paused"])
        self._media.clear()
        for row in media:
            self._media.labels(row["state"]).set(row["count"])
        self._set_totals(totals)

    def _set_views(self, positions: dict[str, int], lags: list[tuple[Any, ...]]) -> None:
        for view, lag, lag_s, poison in lags:
            self._position.labels(view).set(positions[view])
            # Read a moment after the positions.
            self._lag.labels(view).set(max(lag, 0))
            self._lag_s.labels(view).set(max(lag_s, 0.0))
            self._poison.labels(view).set(poison)

    def _set_totals(self, totals: tuple[Any, ...]) -> None:
        head, deliveries, duplicate, ignored, quarantined, last, jobs = totals
        self._head.set(head)
        self._jobs.set(jobs)
        if last is not None:
            self._last.set(last.timestamp())
        stored = deliveries - duplicate - ignored - quarantined
        for outcome, count in (
            ("stored", stored),
            ("duplicate", duplicate),
            ("ignored", ignored),
            ("quarantined", quarantined),
        ):
            self._deliveries.labels(outcome).set(count)


class _Kept(Collector):
    """Counters that are kept elsewhere, by one label."""

    def __init__(
        self, name: str, text: str, label: str, read: Callable[[], dict[str, int]]
    ) -> None:
        self._name, self._text, self._label, self._read = name, text, label, read

    @override
    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(self._name, self._text, labels=[self._label])
        for value, count in sorted(self._read().items()):
            family.add_metric([value], count)
        yield family
