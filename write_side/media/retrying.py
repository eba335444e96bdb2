"""Trying once more: a wish that becomes a MediaRequested, for a file that was given up."""

from collections.abc import Awaitable, Sequence
from typing import Literal, Protocol

from typing_extensions import TypedDict

from events.append import append
from events.database import Pool
from events.read import head
from write_side.errors import MediaNotFound
from write_side.media import outcomes
from write_side.media.jobs import Connection

# An append holds everybody's lock for its time.
APPENDED_AT_ONCE = 500


State = Literal["pending", "stored", "failed", "expired"]


class MediaRetry(TypedDict):
    """What is done about the file: `requested` is on how many business numbers it was asked for."""

    media_id: str
    state: State
    requested: int
    position: int


class GivenUp(Protocol):
    """A file as the read side knows it."""

    @property
    def media_id(self) -> str: ...
    @property
    def phone_number_id(self) -> str: ...
    @property
    def message_id(self) -> str | None: ...
    @property
    def stream(self) -> str: ...
    @property
    def state(self) -> State: ...
    @property
    def failed_position(self) -> int | None: ...


class FindMedia(Protocol):
    """The read side's answer to "which file is meant?", on every business number that has it.

    It may be somewhat behind: a wish that answers the same failure twice is one.
    """

    def __call__(self, media_id: str) -> Awaitable[Sequence[GivenUp]]: ...


class RetryCommand:
    """Asks for a file anew; the sweep makes the job, so nothing is done twice or forgotten."""

    def __init__(self, pool: Pool, find: FindMedia) -> None:
        self._pool = pool
        self._find = find

    async def __call__(self, media_id: str, actor: str) -> MediaRetry:
        """What was asked for. Raises MediaNotFound and the errors of the log."""
        found = await self._find(media_id)
        if not found:
            raise MediaNotFound("no message refers to this media id")
        async with self._pool.connection() as conn:
            retried = await request(conn, found, actor)
            position = await head(conn)
        states: set[State] = {each.state for each in found}
        state: State = "pending" if retried or "pending" in states else states.pop()
        return {
            "media_id": media_id,
            "state": state,
            "requested": retried,
            "position": position,
        }


async def request(conn: Connection, found: Sequence[GivenUp], actor: str) -> int:
    """Ask for those that were given up; how many that were."""
    events = [
        outcomes.requested(
            each.media_id,
            each.phone_number_id,
            each.message_id,
            stream=each.stream,
            answers=each.failed_position,
            actor=actor,
        )
        for each in found
        if each.state in ("failed", "expired") and each.failed_position is not None
    ]
    for start in range(0, len(events), APPENDED_AT_ONCE):
        await append(conn, [(None, each) for each in events[start : start + APPENDED_AT_ONCE]])
    return len(events)
