"""What the caller of a command has seen: whoever has not seen what came meanwhile decides anew.

A command looks at what there is, decides, and appends. Where its caller says up to where they have
seen a conversation, nothing may have come in between: not before the look, and not after it.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, LiteralString, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictInt
from starlette.requests import Request

from events.database import Pool
from events.envelope import Position
from events.errors import StreamMoved
from events.read import head
from write_side.connections import Connection, on_connection
from write_side.errors import ConversationMoved, InvalidHeader
from write_side.whole_numbers import AS_INTEGER

# Somebody may write to the conversation between our look and our append: then look again.
ATTEMPTS = 5
SEEN_MAX = (1 << 63) - 1
_TAG = re.compile(r'(?:W/)?"[a-z]+-[0-9]{1,9}-([0-9]{1,18})(?:-[0-9a-z]*)?"')

T = TypeVar("T")

GRANTED: LiteralString = """
select e.position, e.occurred_at from log.events e where e.dedupe = %(dedupe)s::uuid
"""


class ConversationWish(BaseModel):
    """What every command on a conversation may say: up to where its caller has seen it.

    If somebody wrote in it, or changed it, after `last_seen_position`, nothing is done.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    last_seen_position: Annotated[StrictInt, Field(ge=0, le=SEEN_MAX), AS_INTEGER] | None = None


def seen_by(request: Request) -> int | None:
    """The position in If-Match, which is that of the answer with this ETag; the greatest of many.

    Raises InvalidHeader for what is no ETag of a conversation.
    """
    given = request.headers.getlist("If-Match")
    header = ",".join(given).strip()
    # An empty one was to be an ETag: somebody's variable was not set.
    if not given or header == "*":
        return None
    found = [_TAG.fullmatch(tag.strip()) for tag in header.split(",")]
    positions = [int(match.group(1)) for match in found if match is not None]
    if len(positions) != len(found):
        raise InvalidHeader("If-Match", "has to be the ETag of a conversation")
    return max(positions)


async def looking_again(pool: Pool, attempt: Callable[[Connection, Position], Awaitable[T]]) -> T:
    """What `attempt` gives, which looks at the log up to the position and appends.

    It is called once more where somebody was quicker. Raises StreamMoved when somebody always is,
    LogUnavailable, and what `attempt` does.
    """

    async def attempts(conn: Connection) -> T:
        for last in (False,) * (ATTEMPTS - 1) + (True,):
            try:
                return await attempt(conn, await head(conn))
            except StreamMoved:
                if last:
                    raise
        raise AssertionError("unreachable")

    return await on_connection(pool, attempts)


class Granted(NamedTuple):
    """Where and when a wish was granted before."""

    position: Position
    at: datetime


async def granted(conn: Connection, dedupe: str) -> Granted | None:
    row = await (await conn.execute(GRANTED, {"dedupe": dedupe})).fetchone()
    return None if row is None else Granted(Position(row[0]), row[1].astimezone(UTC))


async def refuse_unseen(
    conn: Connection, missed: Sequence[Mapping[str, Any]], dedupes: Iterable[str]
) -> None:
    """Raises ConversationMoved for what was missed, unless it is that the wish was granted."""
    if missed and not any([await granted(conn, dedupe) for dedupe in dedupes]):
        raise ConversationMoved(missed)
