"""A question: its parameters as they were understood, and what every answer says of them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.models.stats import Asked, Bucketed, BucketWidth, Definitions, Direction, Span
from read_api.parser import Parser
from read_api.reading import Answers, Freshness, Rows
from read_api.stats import ranges
from read_api.stats.business import Business, business
from read_api.stats.ranges import Range

AT_ONCE_MAX = 100


class Question(NamedTuple):
    """`begins` and `spans` are those of the buckets, in order; `now` is when it was asked."""

    of: Range
    width: BucketWidth
    direction: Direction | None
    begins: list[datetime]
    spans: list[Span]
    now: datetime
    business: Business
    freshness: Freshness


def question(request: Request, known: Mapping[str, Parser]) -> Question:
    """Raises InvalidParameter; without buckets where `known` has no such parameter."""
    values = parameters.parse(request.query_params.multi_items(), known)
    now = datetime.now(UTC)
    of = ranges.asked(values, now)
    width: BucketWidth = values.get("bucket", "day")
    begins = ranges.buckets(of, width) if "bucket" in known else []
    return Question(
        of,
        width,
        values.get("direction"),
        begins,
        ranges.spans(of, begins) if begins else [],
        now,
        business(values),
        parameters.freshness(request, values),
    )


def asked(of: Question, definitions: Definitions, answers: Answers) -> Asked:
    """What every answer begins with."""
    return {
        "from": ranges.utc(of.of.since),
        "to": ranges.utc(of.of.until),
        "tz": of.of.tz.key,
        "phone_number_id": of.of.phone_number_id,
        "definitions": definitions,
        "position": answers.position,
    }


def bucketed(of: Question, definitions: Definitions, answers: Answers) -> Bucketed:
    """And what those in buckets do."""
    return {**asked(of, definitions, answers), "bucket": of.width}


async def composed(of: Question, make: Callable[[], Response]) -> Response:
    """What `make` makes; of many buckets, beside the event loop: others wait for that."""
    if len(of.begins) <= AT_ONCE_MAX:
        return make()
    return await to_thread.run_sync(make)


def by_bucket(rows: Rows, count: int) -> list[Rows]:
    """The rows of each bucket; empty ones have none."""
    found: list[Rows] = [[] for _ in range(count)]
    for row in rows:
        found[row["bucket"]].append(row)
    return found
