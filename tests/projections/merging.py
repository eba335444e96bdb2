"""Merges in a test's log, and a day of deliveries with merges between them."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from events.append import append
from events.database import connect_async
from events.dedupe import dedupe_key
from events.envelope import NewEvent
from tests.projections.log import NOON, NUMBER, Row, in_envelope
from write_side.translation.delivery import translate


class Merge(NamedTuple):
    """Whoever a stream (`u:…`, `p:…`) belonged to at a time is whoever the other did."""

    stream: str
    at: int
    other_stream: str
    other_at: int


class Unmerge(NamedTuple):
    """The end of the merge that comes as the n-th (from 0) of the day's merges."""

    which: int


Step = Row | Merge | Unmerge


def record(url: str, steps: Sequence[Step]) -> list[int]:
    """Append the steps in their order, a commit each; the positions of the merges."""

    async def run() -> list[int]:
        merges: list[tuple[int, Merge]] = []
        conn = await connect_async(url, "wharf_write")
        async with conn:
            for number, step in enumerate(steps):
                events = _events(step, merges, number)
                appended = await append(conn, [(None, event) for event in events])
                if isinstance(step, Merge):
                    merges.append((appended.head, step))
        return [position for position, _ in merges]

    return asyncio.run(run())


def merge(url: str, stream: str, at: int, other_stream: str, other_at: int) -> int:
    """Append one merge; its position."""
    (position,) = record(url, [Merge(stream, at, other_stream, other_at)])
    return position


def unmerge(url: str, position: int) -> None:
    """Append the end of a merge by its position."""

    async def run() -> None:
        conn = await connect_async(url, "wharf_write")
        async with conn:
            found = await conn.execute(
                "select data - 'other_conversation_id' - 'other_streams' from log.current"
                " where position = %s",
                (position,),
            )
            row = await found.fetchone()
            assert row is not None
            await append(conn, [(None, _ours("ConversationsUnmerged", row[0], position))])

    asyncio.run(run())


def _events(step: Step, merges: Sequence[tuple[int, Merge]], number: int) -> list[NewEvent]:
    if isinstance(step, Merge):
        data = _people(step) | {"other_conversation_id": 2, "other_streams": []}
        return [_ours("ConversationsMerged", data, number)]
    if isinstance(step, Unmerge):
        if step.which >= len(merges):
            return []
        position, merged = merges[step.which]
        return [_ours("ConversationsUnmerged", _people(merged), position)]
    body = json.dumps(in_envelope([step], number)).encode()
    return translate(body, datetime.now(UTC)).events


def _people(step: Merge) -> dict[str, Any]:
    def person(stream: str, at: int) -> dict[str, str]:
        time = datetime.fromtimestamp(NOON + at, UTC)
        return {"stream": f"{NUMBER}/{stream}", "at": time.isoformat()}

    return {
        "conversation_id": 1,
        "streams": [],
        "person": person(step.stream, step.at),
        "other_person": person(step.other_stream, step.other_at),
    }


def _ours(type_: str, data: dict[str, Any], number: int) -> NewEvent:
    if type_ == "ConversationsUnmerged":
        data = {**data, "merge": number}
    key = sha256(json.dumps([type_, number, data]).encode()).hexdigest()
    return NewEvent(
        data["person"]["stream"],
        type_,
        1,
        data,
        datetime.now(UTC),
        dedupe_key(0, key),
        actor="user:ana",
    )
