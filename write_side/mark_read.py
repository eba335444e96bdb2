"""Marking a conversation read: a command that becomes a ConversationRead per conversation."""

from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, LiteralString, Protocol

from pydantic import ConfigDict, Field, StrictStr, model_validator
from typing_extensions import TypedDict

from events.append import Expected, append
from events.catalogue import ConversationRead
from events.database import Pool
from events.envelope import NewEvent, Position
from write_side.alternatives import exactly_one
from write_side.cause import Cause
from write_side.connections import Connection
from write_side.errors import AmbiguousPhone, ConversationNotFound, MessageNotFound
from write_side.patterns import PHONE, SOME_TEXT
from write_side.seen import ConversationWish, looking_again, refuse_unseen
from write_side.whole_numbers import Id, WholeNumber


class MarkRead(ConversationWish):
    """Which conversation, by phone number or by id, and how far.

    `up_to_message_id` is the id of an incoming message, ours or Meta's; without it everything up
    to the position of the command counts.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"phone_number": "5511987654321"}, {"conversation_id": 391}],
            **exactly_one("phone_number", "conversation_id"),
        },
    )

    phone_number: Annotated[StrictStr, Field(max_length=64, pattern=PHONE)] | None = None
    conversation_id: Id | None = None
    up_to_message_id: (
        WholeNumber
        | Annotated[StrictStr, Field(min_length=1, max_length=512, pattern=SOME_TEXT)]
        | None
    ) = None
    # Telling the customer is a wish of its own, and not there yet.
    notify_customer: Literal[False] = False
    typing: Literal[False] = False

    @model_validator(mode="after")
    def names_one_conversation(self) -> "MarkRead":
        if (self.phone_number is None) == (self.conversation_id is None):
            raise ValueError("give either phone_number or conversation_id")
        return self


class MarkedConversation(TypedDict):
    """What was marked in one conversation, and what is unread yet."""

    conversation_id: int
    marked: int
    unread_count: int


class MarkedRead(MarkedConversation):
    """The same of all conversations together, and each; the id is the first one's."""

    notified: bool
    position: int
    conversations: list[MarkedConversation]


class Conversation(Protocol):
    """A conversation as the read side knows it.

    `streams` make it up, `kin` are these and what else it may hear from, `missed` is what came
    after the position that was asked about.
    """

    @property
    def id(self) -> int: ...
    @property
    def streams(self) -> Sequence[str]: ...
    @property
    def marked_unread(self) -> bool: ...
    @property
    def kin(self) -> Sequence[str]: ...
    @property
    def missed(self) -> Sequence[Mapping[str, Any]]: ...


class Finding(Protocol):
    @property
    def conversations(self) -> Sequence[Conversation]: ...
    @property
    def candidates(self) -> Sequence[str]: ...


class FindConversations(Protocol):
    """The read side's answer to "which conversation is meant?", at `min_position` or later."""

    def __call__(
        self,
        *,
        conversation_id: int | None,
        phone: str | None,
        min_position: int,
        since: int | None,
    ) -> Awaitable[Finding]: ...


# How far each stream was read: streams that have become one person's were read apart before.
MARKS: LiteralString = """
select s.stream,
       coalesce((
           select (e.data ->> 'up_to')::bigint
             from log.current e
            where e.stream = any (%(streams)s) and e.type = 'ConversationRead'
              and e.data -> 'streams' ? s.stream
            order by e.position desc
            limit 1), 0)
  from unnest(%(streams)s::text[]) as s(stream)
"""

# One message may have come twice with other times: it counts once.
COUNT: LiteralString = """
select count(distinct e.data ->> 'message_id') filter (where e.position <= %(up_to)s),
       count(distinct e.data ->> 'message_id') filter (where e.position > %(up_to)s)
  from unnest(%(streams)s::text[], %(marks)s::bigint[]) as m(stream, up_to)
  join log.current e on e.stream = m.stream and e.position > m.up_to
 where e.type = 'MessageReceived'
"""

POSITION_OF: LiteralString = """
select max(e.position)
  from log.current e
 where e.stream = any (%(streams)s) and e.type = 'MessageReceived'
   and (e.position = %(position)s or e.data ->> 'message_id' = %(message_id)s)
"""


class MarkReadCommand:
    """Decides from the log what there is to mark, and appends it."""

    def __init__(self, pool: Pool, find: FindConversations) -> None:
        self._pool = pool
        self._find = find

    async def __call__(self, wish: MarkRead, cause: Cause) -> MarkedRead:
        """What was marked, per conversation and together.

        Raises ConversationNotFound, ConversationMoved, AmbiguousPhone, MessageNotFound and the
        errors of the log.
        """

        async def attempt(conn: Connection, seen: Position) -> MarkedRead:
            found = await self._find(
                conversation_id=wish.conversation_id,
                phone=wish.phone_number,
                min_position=seen,
                since=cause.seen,
            )
            if not found.conversations:
                if found.candidates:
                    raise AmbiguousPhone(found.candidates)
                raise ConversationNotFound("there is no such conversation")
            return await _mark(conn, wish, found.conversations, seen, cause)

        return await looking_again(self._pool, attempt)


async def _mark(
    conn: Connection,
    wish: MarkRead,
    conversations: Sequence[Conversation],
    seen: Position,
    cause: Cause,
) -> MarkedRead:
    marked: list[MarkedConversation] = []
    read: dict[int, NewEvent] = {}
    for conversation in conversations:
        up_to = await _up_to(conn, wish, list(conversation.streams), seen)
        if up_to is None:
            continue
        # What was only marked unread is read once somebody reads all there is.
        unmark = conversation.marked_unread and wish.up_to_message_id is None
        count, event = await _decide(conn, conversation, up_to, unmark, cause)
        marked.append(count)
        if event is not None:
            read[conversation.id] = event
    if not marked:
        raise MessageNotFound("the conversation has no incoming message with this id")
    position = seen
    if read:
        missed = [item for conversation in conversations for item in conversation.missed]
        await refuse_unseen(conn, missed, (event.dedupe for event in read.values()))
        streams = {s for c in conversations for s in (c.streams if cause.seen is None else c.kin)}
        expected = Expected(sorted(streams), seen)
        appended = await append(conn, [(None, event) for event in read.values()], expected=expected)
        position = appended.head
        done = {id_ for id_, fresh in zip(read, appended.fresh, strict=True) if not fresh}
        marked = [_done_before(m) if m["conversation_id"] in done else m for m in marked]
    return {
        "conversation_id": marked[0]["conversation_id"],
        "marked": sum(each["marked"] for each in marked),
        "unread_count": sum(each["unread_count"] for each in marked),
        "notified": False,
        "position": position,
        "conversations": marked,
    }


def _done_before(marked: MarkedConversation) -> MarkedConversation:
    """What has come since the wish was granted is not read by it."""
    return {**marked, "marked": 0, "unread_count": marked["unread_count"] + marked["marked"]}


async def _up_to(
    conn: Connection, wish: MarkRead, streams: list[str], seen: Position
) -> Position | None:
    if wish.up_to_message_id is None:
        return seen
    given = wish.up_to_message_id
    facts = {
        "streams": streams,
        "position": given if isinstance(given, int) and given < 1 << 63 else None,
        "message_id": given if isinstance(given, str) else None,
    }
    row = await (await conn.execute(POSITION_OF, facts)).fetchone()
    return None if row is None or row[0] is None else Position(row[0])


async def _decide(
    conn: Connection,
    conversation: Conversation,
    up_to: Position,
    unmark: bool,
    cause: Cause,
) -> tuple[MarkedConversation, NewEvent | None]:
    streams = list(conversation.streams)
    marks: dict[str, int] = dict(await (await conn.execute(MARKS, {"streams": streams})).fetchall())
    facts = {"streams": list(marks), "marks": list(marks.values()), "up_to": up_to}
    counted = await (await conn.execute(COUNT, facts)).fetchone()
    assert counted is not None  # an aggregate always answers one row
    marked, unread = counted
    answer: MarkedConversation = {
        "conversation_id": conversation.id,
        "marked": marked,
        "unread_count": unread,
    }
    if marked == 0 and not unmark:
        return answer, None
    # A stream that was read further is left out, so that its latest mark is its furthest.
    streams = [stream for stream in streams if marks[stream] < up_to]
    read = ConversationRead(conversation_id=conversation.id, streams=streams, up_to=up_to)
    event = NewEvent(
        stream=streams[0],
        type="ConversationRead",
        version=ConversationRead.version,
        data=read.model_dump(exclude_none=True),
        occurred_at=datetime.now(UTC),
        # The same wish at the same position is the same fact: a retry appends nothing.
        dedupe=cause.dedupe(f"read {conversation.id}", *streams, up_to),
        actor=cause.actor,
    )
    return answer, event
