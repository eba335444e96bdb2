"""Changing a conversation: find it, see that its caller has seen it, append what is decided."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from events.append import Expected, append
from events.catalogue.conversations import ConversationData
from events.database import Pool
from events.envelope import NewEvent, Position
from write_side.cause import Cause
from write_side.connections import Connection
from write_side.errors import ConversationMoved, WriteError
from write_side.seen import granted, looking_again


class Note(Protocol):
    """A note that was not deleted; `changed_id` is the position of its last version."""

    @property
    def id(self) -> int: ...
    @property
    def body(self) -> str: ...
    @property
    def author(self) -> str | None: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def edited_at(self) -> datetime | None: ...
    @property
    def edited_by(self) -> str | None: ...
    @property
    def changed_id(self) -> int: ...


class Conversation(Protocol):
    """A conversation as the read side knows it.

    `streams` are those that make it up, `kin` these and what else it may hear from. `missed` is
    what came after the position that was asked about, `note` the one by which it was found.
    """

    @property
    def id(self) -> int: ...
    @property
    def streams(self) -> Sequence[str]: ...
    @property
    def kin(self) -> Sequence[str]: ...
    @property
    def missed(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def assignee(self) -> str | None: ...
    @property
    def state(self) -> str: ...
    @property
    def snoozed_until(self) -> datetime | None: ...
    @property
    def labels(self) -> Sequence[str]: ...
    @property
    def unread(self) -> bool: ...
    @property
    def unread_count(self) -> int: ...
    @property
    def customer_email(self) -> str | None: ...
    @property
    def display_name(self) -> str | None: ...
    @property
    def external_id(self) -> str | None: ...
    @property
    def attributes(self) -> Mapping[str, str | int | float | bool]: ...
    @property
    def said_id(self) -> int: ...
    @property
    def note(self) -> Note | None: ...


class Find(Protocol):
    """The read side's answer to "which one is it?", at `min_position` or later; None for none."""

    def __call__(
        self, id_: int, *, min_position: int, since: int | None
    ) -> Awaitable[Conversation | None]: ...


class Decided(NamedTuple):
    """What is to be recorded, None where there is nothing to change, and its dedupe key."""

    data: ConversationData | None
    dedupe: str = ""


class Changed(NamedTuple):
    """The position of what was appended and its time, and the head of the log.

    Both are None where nothing was to be changed. A wish that was granted before has the position
    that it got then.
    """

    position: Position | None
    at: datetime | None
    head: Position


class Changing:
    """The frame of all commands on one conversation, which `find` knows by some id."""

    def __init__(self, pool: Pool, find: Find, missing: WriteError) -> None:
        self._pool = pool
        self._find = find
        self._missing = missing

    async def __call__(
        self,
        id_: int,
        decide: Callable[[Conversation, Connection], Awaitable[Decided]],
        cause: Cause,
    ) -> tuple[Conversation, Changed]:
        """The conversation as it was found, and what came of it.

        Only who says up to where they have seen it is held up by what others do meanwhile: for
        everybody else a wish counts as of the moment when the conversation was looked at. Raises
        what is `missing`, ConversationMoved, what `decide` does, and the errors of the log.
        """

        async def change(conn: Connection, seen: Position) -> tuple[Conversation, Changed]:
            found = await self._find(id_, min_position=seen, since=cause.seen)
            if found is None:
                raise self._missing
            decided = await decide(found, conn)
            if decided.data is None:
                return found, Changed(None, None, seen)
            if found.missed:
                # What they missed may be that they have done it.
                done = await granted(conn, decided.dedupe)
                if done is None:
                    raise ConversationMoved(found.missed)
                return found, Changed(*done, seen)
            expected = None if cause.seen is None else Expected(list(found.kin), seen)
            return found, await _append(conn, found, decided, cause, expected)

        return await looking_again(self._pool, change)


def rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def _append(
    conn: Connection,
    found: Conversation,
    decided: Decided,
    cause: Cause,
    expected: Expected | None,
) -> Changed:
    assert decided.data is not None
    at = datetime.now(UTC)
    event = NewEvent(
        stream=next((stream for stream in found.streams if "/u:" in stream), found.streams[0]),
        type=type(decided.data).__name__,
        version=type(decided.data).version,
        data=decided.data.model_dump(exclude_none=True),
        occurred_at=at,
        dedupe=decided.dedupe,
        actor=cause.actor,
    )
    appended = await append(conn, [(None, event)], expected=expected)
    if not appended.fresh[0]:
        done = await granted(conn, decided.dedupe)
        assert done is not None  # or it would be fresh
        return Changed(*done, appended.head)
    return Changed(appended.positions[0], at, appended.head)
