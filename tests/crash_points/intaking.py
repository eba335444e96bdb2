"""Deliveries posted to an intake that may die over them, and what is there afterwards."""

import asyncio
import json
from collections.abc import Sequence

from tests.crash_points.dying import Point, crashing
from tests.projections.log import Projected, Row, in_envelope, message, status, without_arrival
from tests.write_side.posting import Store, eventually
from write_side.errors import IntakeUnavailable
from write_side.intake import Intake

Groups = Sequence[Sequence[bytes]]
"""Bodies by who comes at once with whom."""


def traffic() -> Groups:
    """Some of it comes again, under another body."""
    first, second = message("in1", 1, phone="551", user="US.1"), message("in2", 2, phone="552")
    values: list[list[list[Row]]] = [
        [[first]],
        [
            [second, status("out1", "sent", 3, phone="551")],
            [status("out1", "read", 5, phone="551")],
        ],
        [[first], [message("in3", 4, phone="551"), message("in4", 4, user="US.1")]],
        [[status("out2", "failed", 6, phone="552")]],
    ]
    return [
        [json.dumps(in_envelope(value, 10 * n + m)).encode() for m, value in enumerate(group)]
        for n, group in enumerate(values)
    ]


async def life(url: str, groups: Groups, point: Point) -> tuple[set[bytes], int]:
    """Post the groups in turn, each until it is acknowledged or the process has died.

    What was acknowledged, and how many statements were made.
    """
    acknowledged: set[bytes] = set()
    intake = Intake(url)

    async def post(body: bytes) -> None:
        try:
            await intake.store(body, "sha256=", "secret")
        except IntakeUnavailable:
            return
        acknowledged.add(body)

    with crashing(point) as crash:
        await intake.start()
        process = intake._task
        assert process is not None

        async def able() -> bool:
            return intake.available or process.done()

        for group in groups:
            while not acknowledged.issuperset(group) and not process.done():
                await eventually(able)
                posting = {asyncio.create_task(post(body)) for body in group}
                answered = asyncio.ensure_future(asyncio.wait(posting))
                await asyncio.wait({process, answered}, return_when=asyncio.FIRST_COMPLETED)
                for each in (*posting, answered):
                    each.cancel()
        if not process.done():
            await intake.stop()
        await asyncio.wait({process})
        process.exception()
    return acknowledged, crash.passed


def lost(url: str, acknowledged: set[bytes]) -> list[bytes]:
    store = Store(url)
    return sorted(body for body in acknowledged if not store.has(body))


def unanswered(groups: Groups, acknowledged: set[bytes]) -> Groups:
    """What Meta sends again."""
    return [[body for body in group if body not in acknowledged] for group in groups]


def seen(url: str) -> object:
    """The log's events in their order, and the inbox, both without times of arrival."""
    projected = Projected(url)
    with projected.conn:
        projected.catch_up()
        events = projected.conn.execute(
            "select position, stream, type, data, dedupe, pointer from log.events order by position"
        ).fetchall()
        return events, without_arrival(projected.dump())
