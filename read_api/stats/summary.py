"""GET stats/summary/: the headline numbers, the same as the other statistics give."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from read_api.answers import answer
from read_api.message_rows import milliseconds
from read_api.models.stats import (
    FilesGivenUp,
    Summary,
    SummaryAnswer,
    SummaryBucket,
    Waits,
)
from read_api.parser import Parser
from read_api.reading import Reading
from read_api.stats import counting, definitions
from read_api.stats.delivery import delivery
from read_api.stats.links import Links
from read_api.stats.question import bucketed, by_bucket, composed, question
from read_api.stats.ranges import ASKED, BUCKET
from read_api.stats.volume import volume
from read_api.stats.waits import PERCENTILE_ERROR, queries, waits_of

PARAMETERS: dict[str, Parser] = {**ASKED, **BUCKET}
COLUMNS = ("c.direction", "c.status", "c.media_state")

Found = Sequence[Mapping[str, Any]]


def summary(rows: Found, waits: Waits, link: Links) -> Summary:
    """Of rows with direction, status, media_state and messages."""
    return {
        **volume(rows, None, link),
        "delivery": delivery([row for row in rows if row["direction"] == "out"], link),
        "files_given_up": _files(rows, link),
        "response_times": waits,
    }


def _files(rows: Found, link: Links) -> FilesGivenUp:
    def given_up(state: str) -> int:
        return sum(row["messages"] for row in rows if row["media_state"] == state)

    return {
        "failed": link.counted(given_up("failed"), media_state="failed"),
        "expired": link.counted(given_up("expired"), media_state="expired"),
    }


async def get_summary(reading: Reading, request: Request) -> Response:
    """The headline numbers, in all and per bucket."""
    asked = question(request, PARAMETERS)
    messages = counting.messages(asked.of, asked.begins, COLUMNS)
    answers = await reading.read([messages, *queries(asked)], asked.freshness)

    def make() -> Response:
        rows = [*by_bucket(answers.rows[0], len(asked.begins)), answers.rows[0]]
        incoming = [
            sum(row["messages"] for row in found if row["direction"] == "in") for found in rows
        ]
        links = [*(Links(asked.of, span) for span in asked.spans), Links(asked.of)]
        *each, total = [
            summary(found, waits, link)
            for found, waits, link in zip(
                rows, waits_of(answers.rows[1:], incoming, asked), links, strict=True
            )
        ]
        buckets: list[SummaryBucket] = [
            {**span, **numbers} for span, numbers in zip(asked.spans, each, strict=True)
        ]
        content: SummaryAnswer = {
            **bucketed(asked, definitions.SUMMARY, answers),
            "percentile_error": PERCENTILE_ERROR,
            "asked_at": milliseconds(asked.now),
            "total": total,
            "buckets": buckets,
        }
        return answer(request, content, answers)

    return await composed(asked, make)
