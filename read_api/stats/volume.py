"""GET stats/volume/ and stats/types/: how many messages, by direction and by type."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from read_api.answers import answer
from read_api.models.stats import (
    Direction,
    TypesAnswer,
    TypesBucket,
    TypeVolume,
    Volume,
    VolumeAnswer,
    VolumeBucket,
)
from read_api.parser import Parser
from read_api.reading import Reading
from read_api.stats import counting, definitions
from read_api.stats.links import Links
from read_api.stats.question import bucketed, by_bucket, composed, question
from read_api.stats.ranges import ASKED, BUCKET, DIRECTION

PARAMETERS: dict[str, Parser] = {**ASKED, **BUCKET, **DIRECTION}

Rows = Iterable[Mapping[str, Any]]


def volume(rows: Rows, direction: Direction | None, link: Links, **filters: str) -> Volume:
    """Of rows with direction and messages; `filters` are what they have in common besides."""
    rows = list(rows)
    one = {
        way: None
        if direction not in (None, way)
        else link.counted(
            sum(row["messages"] for row in rows if row["direction"] == way),
            **filters,
            direction=way,
        )
        for way in ("in", "out")
    }
    return {
        **link.counted(sum(row["messages"] for row in rows), **filters, direction=direction),
        "in": one["in"],
        "out": one["out"],
    }


async def get_volume(reading: Reading, request: Request) -> Response:
    """Messages in and out per bucket."""
    asked = question(request, PARAMETERS)
    query = counting.messages(asked.of, asked.begins, ("c.direction",), asked.direction)
    answers = await reading.read([query], asked.freshness)

    def make() -> Response:
        rows = answers.rows[0]
        buckets: list[VolumeBucket] = [
            {**span, **volume(found, asked.direction, Links(asked.of, span))}
            for span, found in zip(asked.spans, by_bucket(rows, len(asked.begins)), strict=True)
        ]
        content: VolumeAnswer = {
            **bucketed(asked, definitions.VOLUME, answers),
            "direction": asked.direction,
            "total": volume(rows, asked.direction, Links(asked.of)),
            "buckets": buckets,
        }
        return answer(request, content, answers)

    return await composed(asked, make)


def types(rows: Rows, direction: Direction | None, link: Links) -> list[TypeVolume]:
    """A volume for each type that there is; the most frequent first."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["message_type"], []).append(row)
    each: list[TypeVolume] = [
        {"message_type": kind or None, **volume(of, direction, link, type=kind or NO_TYPE)}
        for kind, of in found.items()
    ]
    return sorted(each, key=lambda one: (-one["messages"], one["message_type"] or ""))


NO_TYPE = "none"


async def get_types(reading: Reading, request: Request) -> Response:
    """Messages by type, in all and per bucket."""
    asked = question(request, PARAMETERS)
    columns = ("c.direction", "c.message_type")
    query = counting.messages(asked.of, asked.begins, columns, asked.direction)
    answers = await reading.read([query], asked.freshness)

    def make() -> Response:
        rows, way = answers.rows[0], asked.direction
        buckets: list[TypesBucket] = []
        for span, found in zip(asked.spans, by_bucket(rows, len(asked.begins)), strict=True):
            link = Links(asked.of, span)
            total = link.counted(sum(row["messages"] for row in found), direction=way)
            buckets.append({**span, **total, "types": types(found, way, link)})
        link = Links(asked.of)
        content: TypesAnswer = {
            **bucketed(asked, definitions.OF_TYPES, answers),
            "direction": way,
            "total": link.counted(sum(row["messages"] for row in rows), direction=way),
            "types": types(rows, way, link),
            "buckets": buckets,
        }
        return answer(request, content, answers)

    return await composed(asked, make)
