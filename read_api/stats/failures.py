"""GET stats/errors/: why outgoing messages failed."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from read_api.answers import answer
from read_api.models.stats import ErrorsAnswer, ErrorsBucket, Failure
from read_api.parser import Parser
from read_api.reading import Reading
from read_api.stats import counting, definitions
from read_api.stats.links import Links
from read_api.stats.question import bucketed, by_bucket, composed, question
from read_api.stats.ranges import ASKED, BUCKET

PARAMETERS: dict[str, Parser] = {**ASKED, **BUCKET}
FAILED = "failed"
NO_CODE = -1


def failures(rows: Iterable[Mapping[str, Any]], link: Links) -> list[Failure]:
    """Of rows with error_code, error_title and messages; the most frequent first."""
    by_code: dict[int, tuple[str | None, int]] = {}
    for row in rows:
        _, messages = by_code.get(row["error_code"], (None, 0))
        by_code[row["error_code"]] = row["error_title"], messages + row["messages"]
    return [
        {
            "error_code": None if code == NO_CODE else code,
            "error_title": title,
            **link.counted(
                messages,
                FAILED,
                direction="out",
                error_code="none" if code == NO_CODE else str(code),
            ),
        }
        for code, (title, messages) in sorted(
            by_code.items(), key=lambda item: (-item[1][1], item[0])
        )
    ]


async def get_errors(reading: Reading, request: Request) -> Response:
    """Failed messages by Meta's error code, in all and per bucket."""
    asked = question(request, PARAMETERS)
    answers = await reading.read([counting.failures(asked.of, asked.begins)], asked.freshness)

    def make() -> Response:
        rows = answers.rows[0]
        buckets: list[ErrorsBucket] = []
        for span, found in zip(asked.spans, by_bucket(rows, len(asked.begins)), strict=True):
            link = Links(asked.of, span)
            total = link.counted(sum(row["messages"] for row in found), FAILED, direction="out")
            buckets.append({**span, **total, "errors": failures(found, link)})
        link = Links(asked.of)
        content: ErrorsAnswer = {
            **bucketed(asked, definitions.OF_ERRORS, answers),
            "total": link.counted(sum(row["messages"] for row in rows), FAILED, direction="out"),
            "errors": failures(rows, link),
            "buckets": buckets,
        }
        return answer(request, content, answers)

    return await composed(asked, make)
