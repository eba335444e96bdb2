"""GET /api/admin/ingest/: what comes in, how it ends, and how long it takes."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import DictRow, TupleRow, dict_row
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from events.database import Pool
from events.read import HEAD
from read_api import parameters
from read_api.answers import JSONAnswer
from read_api.message_rows import milliseconds
from read_api.models.page import Moment
from read_api.routes import Endpoint
from wharf.primary import ask

SCOPE = "events:read"
# Where nothing new is verified for so long, somebody should look at Meta's side and at ours.
SILENT_S_MAX = 3_600
# Of the latest commits of this process.
COMMITS_MEASURED = 2_000

INGEST: LiteralString = f"""
select ({HEAD}) as position,
       coalesce((select max(id) from log.deliveries), 0) as deliveries,
       (select count(*) from log.deliveries where outcome = 'duplicate') as duplicate,
       (select count(*) from log.deliveries where outcome = 'ignored') as ignored,
       (select count(*) from log.deliveries where outcome = 'quarantined') as quarantined,
       (select count(*) from log.deliveries
         where received_at > now() - interval '1 minute') as last_minute,
       (select count(*) from log.deliveries
         where received_at > now() - interval '1 hour') as last_hour,
       (select max(received_at) from log.deliveries) as last_verified_at,
       coalesce((select sum(count) from ops.attempt_counts
                  where kind = 'delivery' and hour > now() - interval '1 day'), 0)::bigint
           as refused_last_day,
       (select count(*) from ops.media_jobs where closed_at is null) as media_jobs
"""


class Outcomes(TypedDict):
    """All deliveries there are, by how they ended."""

    stored: int
    duplicate: int
    ignored: int
    quarantined: int


class OfThisProcess(TypedDict):
    """Since it started; times are of its latest commits, which are what an answer waits for."""

    answers: Annotated[dict[str, int], Field(description="Of the webhook, by status.")]
    commits: Annotated[int, Field(description="That the times are of.")]
    commit_ms_p50: float | None
    commit_ms_p99: float | None
    streams: Annotated[int, Field(description="Live streams that are open.")]


class Ingest(TypedDict):
    """What comes in. `alarm` says that nothing new was verified for `alarm_after_seconds`."""

    deliveries: Outcomes
    last_minute: Annotated[int, Field(description="New deliveries.")]
    last_hour: int
    refused_last_day: Annotated[int, Field(description="POSTs that were not taken.")]
    last_verified_at: Moment | None
    silent_seconds: float | None
    alarm: bool
    alarm_after_seconds: int
    media_jobs: Annotated[int, Field(description="Downloads that are due or wait.")]
    this_process: OfThisProcess
    position: Annotated[int, Field(description="The log's head.")]


class Commits:
    """How long the latest commits took; each counts as often as it had deliveries."""

    def __init__(self) -> None:
        self._latest: deque[tuple[float, int]] = deque(maxlen=COMMITS_MEASURED)

    def committed(self, deliveries: int, seconds: float) -> None:
        self._latest.append((seconds, deliveries))

    def __len__(self) -> int:
        return len(self._latest)

    def quantile_ms(self, share: float) -> float | None:
        """So many of the deliveries were committed in that time; None before there are any."""
        return quantile_ms(sorted(self._latest), share)


def quantile_ms(commits: Sequence[tuple[float, int]], share: float) -> float | None:
    """Of commits as (seconds, deliveries), the quickest first."""
    wanted = share * sum(count for _, count in commits)
    for seconds, count in commits:
        wanted -= count
        if wanted <= 0:
            return round(seconds * 1000, 1)
    return None


def ingest_endpoint(
    askers: Pool,
    commits: Commits,
    answered: Callable[[], Mapping[int, int]],
    streams: Callable[[], int],
) -> Endpoint:
    async def get_ingest(request: Request) -> Response:
        parameters.parse(request.query_params.multi_items(), {})
        row = await ask(askers, _row)
        here: OfThisProcess = {
            "answers": {str(status): count for status, count in sorted(answered().items())},
            "commits": len(commits),
            "commit_ms_p50": commits.quantile_ms(0.5),
            "commit_ms_p99": commits.quantile_ms(0.99),
            "streams": streams(),
        }
        content = _ingest(row, here, datetime.now(UTC))
        return JSONAnswer(content)

    return Endpoint(
        "/api/admin/ingest/",
        "GET",
        SCOPE,
        get_ingest,
        summary="What comes in, how it ends, and how long it takes",
        answer=Ingest,
    )


async def _row(conn: AsyncConnection[TupleRow]) -> DictRow:
    async with conn.cursor(row_factory=dict_row) as cursor:
        row = await (await cursor.execute(INGEST)).fetchone()
    assert row is not None  # subqueries without a table answer one row
    return row


def _ingest(row: DictRow, here: OfThisProcess, now: datetime) -> Ingest:
    last: datetime | None = row["last_verified_at"]
    silent_s = None if last is None else max((now - last).total_seconds(), 0.0)
    others = row["duplicate"] + row["ignored"] + row["quarantined"]
    return {
        "deliveries": {
            "stored": row["deliveries"] - others,
            "duplicate": row["duplicate"],
            "ignored": row["ignored"],
            "quarantined": row["quarantined"],
        },
        "last_minute": row["last_minute"],
        "last_hour": row["last_hour"],
        "refused_last_day": row["refused_last_day"],
        "last_verified_at": None if last is None else milliseconds(last),
        "silent_seconds": None if silent_s is None else round(silent_s, 1),
        "alarm": silent_s is None or silent_s > SILENT_S_MAX,
        "alarm_after_seconds": SILENT_S_MAX,
        "media_jobs": row["media_jobs"],
        "this_process": here,
        "position": row["position"],
    }
