"""GET stats/response-times/: how long people waited for an answer."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from read_api.answers import answer
from read_api.message_rows import milliseconds
from read_api.models.stats import AllWaits, ResponseTimesAnswer, Waits, WaitsBucket, WaitTimes
from read_api.parser import Parser
from read_api.reading import Query, Reading, Rows
from read_api.stats import business, counting, definitions
from read_api.stats.business import Business
from read_api.stats.links import Links
from read_api.stats.question import Question, bucketed, by_bucket, composed, question
from read_api.stats.ranges import ASKED, BUCKET

PARAMETERS: dict[str, Parser] = {**ASKED, **BUCKET, **business.PARAMETERS}

# As the view cuts waits into slots: 0 is less than a second, n begins at RATIO^(n-1) seconds.
RATIO = 1.1
PERCENTILE_ERROR = 0.05

_NONE = {"waits": 0, "answered": 0, "missed": 0, "median": None, "p90": None}


def seconds(slot: int | None) -> float | None:
    """What a wait in the slot took, off by less than PERCENTILE_ERROR.

    From the least and the greatest whole number of seconds in it the answer is off by the same
    share; where there is only one it is exact.
    """
    if slot is None or slot == 0:
        return slot
    least, most = ceil(RATIO ** (slot - 1)), ceil(RATIO**slot) - 1
    return round(2 * least * most / (least + most), 1)


def queries(of: Question, hours: Business | None = None) -> list[Query]:
    """What `times_of` takes; of the waits that began in `hours`, if given."""
    return counting.waits(of.of, of.begins, of.now, hours)


def times_of(found: Sequence[Rows], of: Question) -> list[WaitTimes]:
    """One for each bucket, and the last for the range."""
    each, overdue = found
    count = len(of.begins)
    whole = [row for row in each if row["bucket"] is None]
    rows = [*by_bucket([row for row in each if row["bucket"] is not None], count), whole]
    late = [*by_bucket(overdue, count), overdue]
    return [
        _times(row[0] if row else _NONE, sum(one["waits"] for one in more))
        for row, more in zip(rows, late, strict=True)
    ]


def waits_of(found: Sequence[Rows], incoming: Sequence[int], of: Question) -> list[Waits]:
    """The same with the `incoming` messages of each."""
    links = [*(Links(of.of, span) for span in of.spans), Links(of.of)]
    return [
        {**link.counted(messages, direction="in"), **times}
        for link, messages, times in zip(links, incoming, times_of(found, of), strict=True)
    ]


def _times(row: Mapping[str, Any], overdue: int) -> WaitTimes:
    return {
        "waits": row["waits"],
        "answered": row["answered"],
        "unanswered": row["waits"] - row["answered"],
        "window_missed": row["missed"] + overdue,
        "median_s": seconds(row["median"]),
        "p90_s": seconds(row["p90"]),
    }


async def get_response_times(reading: Reading, request: Request) -> Response:
    """Waits for an answer, in all and per bucket."""
    asked = question(request, PARAMETERS)
    received = counting.messages(asked.of, asked.begins, ("c.direction",), "in")
    answers = await reading.read(
        [received, *queries(asked), *queries(asked, asked.business)], asked.freshness
    )

    def make() -> Response:
        incoming = [
            sum(row["messages"] for row in rows)
            for rows in by_bucket(answers.rows[0], len(asked.begins))
        ]
        whole = waits_of(answers.rows[1:3], [*incoming, sum(incoming)], asked)
        parts = times_of(answers.rows[3:], asked)
        *each, total = (
            AllWaits(**waits, in_business_hours=part)
            for waits, part in zip(whole, parts, strict=True)
        )
        buckets: list[WaitsBucket] = [
            {**span, **waits} for span, waits in zip(asked.spans, each, strict=True)
        ]
        content: ResponseTimesAnswer = {
            **bucketed(asked, definitions.RESPONSE_TIMES_BY_HOURS, answers),
            "percentile_error": PERCENTILE_ERROR,
            "asked_at": milliseconds(asked.now),
            "business_hours": business.shown(asked.business),
            "total": total,
            "buckets": buckets,
        }
        return answer(request, content, answers)

    return await composed(asked, make)
