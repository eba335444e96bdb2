"""GET stats/response-times/: how long people waited for an answer."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from math import ceil

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

_UNANSWERED = -1


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
    rows = [*by_bucket(each, count), each]
    late = [*by_bucket(overdue, count), overdue]
    return [
        _times(found, sum(one["waits"] for one in more))
        for found, more in zip(rows, late, strict=True)
    ]


def waits_of(found: Sequence[Rows], incoming: Sequence[int], of: Question) -> list[Waits]:
    """The same with the `incoming` messages of each."""
    links = [*(Links(of.of, span) for span in of.spans), Links(of.of)]
    return [
        {**link.counted(messages, direction="in"), **times}
        for link, messages, times in zip(links, incoming, times_of(found, of), strict=True)
    ]


def _times(rows: Rows, overdue: int) -> WaitTimes:
    """Of rows with slots, waits and missed."""
    by_slot: dict[int, int] = {}
    for row in rows:
        for slot, waits in zip(row["slots"], row["waits"], strict=True):
            by_slot[slot] = by_slot.get(slot, 0) + waits
    unanswered = by_slot.pop(_UNANSWERED, 0)
    slots = sorted(by_slot)
    upto = list(accumulate(by_slot[slot] for slot in slots))
    answered = upto[-1] if upto else 0
    return {
        "waits": answered + unanswered,
        "answered": answered,
        "unanswered": unanswered,
        "window_missed": sum(row["missed"] for row in rows) + overdue,
        "median_s": seconds(_slot(slots, upto, 50)),
        "p90_s": seconds(_slot(slots, upto, 90)),
    }


def _slot(slots: Sequence[int], upto: Sequence[int], percent: int) -> int | None:
    """The first that so many waits do not pass; `upto` counts those up to each."""
    if not upto:
        return None
    return slots[bisect_left(upto, -(-upto[-1] * percent // 100))]


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
