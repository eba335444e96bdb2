"""GET stats/delivery/: how far outgoing messages have come."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from read_api.answers import answer
from read_api.models.stats import DeliveryAnswer, Part, Progress, ProgressBucket, Step
from read_api.parser import Parser
from read_api.reading import Reading
from read_api.stats import counting, definitions
from read_api.stats.links import Links
from read_api.stats.question import bucketed, by_bucket, composed, question
from read_api.stats.ranges import ASKED, BUCKET

PARAMETERS: dict[str, Parser] = {**ASKED, **BUCKET}
COLUMNS = ("c.status",)

# Which statuses say that a message has come so far; none stands for all of them.
STEPS: dict[Literal["accepted", "sent", "delivered", "read", "played"], tuple[str, ...]] = {
    "accepted": (),
    "sent": ("sent", "delivered", "read", "played"),
    "delivered": ("delivered", "read", "played"),
    "read": ("read", "played"),
    "played": ("played",),
}
DECIMALS = 4


def delivery(rows: Iterable[Mapping[str, Any]], link: Links) -> Progress:
    """Of rows with status and messages, of outgoing messages."""
    by_status: dict[str, int] = {}
    for row in rows:
        by_status[row["status"]] = by_status.get(row["status"], 0) + row["messages"]
    accepted = sum(by_status.values())
    steps: list[Step] = []
    for step, statuses in STEPS.items():
        reached = sum(by_status.get(status, 0) for status in statuses or by_status)
        before = steps[-1]["messages"] if steps else None
        steps.append(
            {
                "step": step,
                **link.counted(reached, *statuses, direction="out"),
                "share_of_previous": share(reached, before),
            }
        )

    def part(status: str) -> Part:
        messages = by_status.get(status, 0)
        counted = link.counted(messages, status, direction="out")
        return {**counted, "share": share(messages, accepted)}

    return {"steps": steps, "failed": part("failed"), "deleted": part("deleted")}


def share(part: int, whole: int | None) -> float | None:
    return round(part / whole, DECIMALS) if whole else None


async def get_delivery(reading: Reading, request: Request) -> Response:
    """The way of outgoing messages, in all and per bucket."""
    asked = question(request, PARAMETERS)
    query = counting.messages(asked.of, asked.begins, COLUMNS, "out")
    answers = await reading.read([query], asked.freshness)

    def make() -> Response:
        buckets: list[ProgressBucket] = [
            {**span, **delivery(found, Links(asked.of, span))}
            for span, found in zip(
                asked.spans, by_bucket(answers.rows[0], len(asked.begins)), strict=True
            )
        ]
        content: DeliveryAnswer = {
            **bucketed(asked, definitions.DELIVERY, answers),
            "total": delivery(answers.rows[0], Links(asked.of)),
            "buckets": buckets,
        }
        return answer(request, content, answers)

    return await composed(asked, make)
