"""GET stats/hours/: when in the week messages are sent."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from read_api.answers import answer
from read_api.errors import InvalidParameter
from read_api.models.stats import Hour, HoursAnswer
from read_api.parser import Parser
from read_api.reading import Reading, Rows
from read_api.stats import counting, definitions, ranges
from read_api.stats.links import Links, volume_by_hour
from read_api.stats.question import Question, asked, question
from read_api.stats.ranges import ASKED, DIRECTION
from read_api.stats.volume import volume

PARAMETERS: dict[str, Parser] = {**ASKED, **DIRECTION}

# So long a range has no more hours than there may be buckets, even where clocks cut some in two.
_SURELY_FEW = timedelta(hours=ranges.BUCKETS_MAX // 2)


async def get_hours(reading: Reading, request: Request) -> Response:
    """Messages by hour of the week, Monday's first hour first."""
    of = question(request, PARAMETERS)
    answers = await reading.read([counting.hours(of.of, of.direction)], of.freshness)
    rows = answers.rows[0]
    content: HoursAnswer = {
        **asked(of, definitions.OF_HOURS, answers),
        "direction": of.direction,
        "total": volume(rows, of.direction, Links(of.of)),
        "hours": _hours(rows, of),
        "volume_url": _volume_url(of),
    }
    return answer(request, content, answers)


def _hours(rows: Rows, of: Question) -> list[Hour]:
    found = {(row["weekday"], row["hour"], row["direction"]): row["messages"] for row in rows}

    def hour(weekday: int, hour: int) -> Hour:
        each = {way: found.get((weekday, hour, way), 0) for way in ("in", "out")}
        return {
            "weekday": weekday,
            "hour": hour,
            "messages": sum(each.values()),
            "in": None if of.direction == "out" else each["in"],
            "out": None if of.direction == "in" else each["out"],
        }

    return [hour(weekday, each) for weekday in range(1, 8) for each in range(24)]


def _volume_url(of: Question) -> str | None:
    try:
        if of.of.until - of.of.since > _SURELY_FEW:
            ranges.buckets(of.of, "hour")
    except InvalidParameter:
        return None
    return volume_by_hour(of.of, of.direction)
