"""Changes: what the log says has happened, with the ids that the read tables have for it now."""

from collections.abc import Collection, Sequence
from typing import LiteralString, NamedTuple, Protocol

import orjson
from psycopg.rows import DictRow

from read_api.live.joined import as_merged, joined
from read_api.live.kinds import (
    FILE,
    MERGED,
    STREAM_KINDS,
    UNMERGED,
    event_types,
    file_state,
    kind_of,
)
from read_api.masking import masked
from read_api.message_rows import milliseconds
from read_api.models.change import Change as ChangeAnswer
from read_api.reading import AS_IT_IS, Freshness, Query, Reading

# How far every version of every view is; one that was superseded is only kept for going back.
VERSIONS: LiteralString = """
select v.view, v.version, v.state, v.position, a.version is not null as active
  from read.versions v
  left join read.active a using (view, version)
 where v.superseded_at is null
 order by v.view, v.version
"""

# By message, else by the conversation that the event names, else by whose stream it is.
PLACES: LiteralString = """
select f.position, found.id, found.conversation_id, c.unread_count,
       (select i.conversation_id from identities i
         where i.identity = owner_of(f.other_stream, f.other_at)) as other_conversation_id
  from unnest(%(positions)s::bigint[], %(message_ids)s::text[], %(numbers)s::text[],
              %(conversations)s::bigint[], %(streams)s::text[], %(times)s::timestamptz[],
              %(other_streams)s::text[], %(other_times)s::timestamptz[])
       as f(position, message_id, phone_number_id, conversation_id, stream, at, other_stream,
            other_at)
  left join lateral (
       select m.id, m.conversation_id
         from messages m
        where m.message_id = f.message_id and m.phone_number_id = f.phone_number_id
        limit 1) target on true
 cross join lateral (
       select target.id,
              coalesce(
                  target.conversation_id,
                  (select m.conversation_id from messages m where m.id = f.conversation_id),
                  (select i.conversation_id from identities i
                    where i.identity = owner_of(f.stream, f.at))) as conversation_id
       offset 0) found
  left join lateral (
       select k.unread_count from conversations k where k.id = found.conversation_id limit 1
  ) c on true
 order by f.position
"""

# An id that was a conversation's once is that of one of its messages.
CONVERSATIONS: LiteralString = """
select m.id, m.conversation_id, m.phone_number_id
  from messages m
 where m.id = any(%(ids)s) and m.conversation_id is not null
"""

FactRows = list[DictRow]


class Facts(Protocol):
    """What the events in (after, to] speak of; see events.facts. Raises StoreUnavailable."""

    async def __call__(
        self,
        after: int,
        to: int,
        *,
        types: Collection[str],
        numbers: Collection[str] | None = None,
        limit: int,
    ) -> FactRows: ...


class Head(Protocol):
    """The last position of the log itself. Raises StoreUnavailable."""

    async def __call__(self) -> int: ...


class Reached(NamedTuple):
    """How far the inbox is, and the view of the files, which can be behind it.

    `building` are the versions that do not answer yet, as (view, version, position).
    """

    inbox: int
    files: int
    building: tuple[tuple[str, int, int], ...] = ()


class Change:
    """Something that has happened, and what is said of it."""

    __slots__ = ("_frames", "content", "conversations", "kind", "number", "position")

    def __init__(self, fact: DictRow, place: DictRow) -> None:
        self.position: int = fact["position"]
        self.kind = kind_of(fact)
        self.number: str | None = fact["phone_number_id"]
        self.conversations = {place["conversation_id"], place["other_conversation_id"]}
        self.content = _content(self.kind, fact, place)
        self._frames: dict[bool, bytes] = {}

    def frame(self, may_know: bool) -> bytes:
        """As a server-sent event, still without an id; made once for all who may know as much."""
        if may_know not in self._frames:
            content = self.content if may_know else masked(self.content)
            data = orjson.dumps(content)
            self._frames[may_know] = b"event: %s\ndata: %s\n\n" % (self.kind.encode(), data)
        return self._frames[may_know]


def _content(kind: str, fact: DictRow, place: DictRow) -> ChangeAnswer:
    content: ChangeAnswer = {
        "position": fact["position"],
        "type": kind,
        "at": milliseconds(fact["recorded_at"]),
        "phone_number_id": fact["phone_number_id"],
        "conversation_id": place["conversation_id"],
        "unread_count": place["unread_count"],
    }
    if fact["message_id"] is not None:
        content["id"], content["message_id"] = place["id"], fact["message_id"]
    if kind == "message.status":
        content["status"] = fact["status"]
    if kind == FILE:
        content["media_id"], content["state"] = fact["media_id"], file_state(fact)
    if kind == MERGED:
        content["conversation_ids"] = [fact["conversation_id"], fact["other_conversation_id"]]
    if kind == UNMERGED:
        content["merge"] = fact["merge"]
        content["conversation_ids"] = [place["conversation_id"], place["other_conversation_id"]]
    return content


class Current(NamedTuple):
    """Where a conversation that was asked for by id is now, and its business number."""

    id: int
    number: str


class Changes:
    """Reads changes: their facts from the log, where they belong from the read tables.

    Without `head` nobody is told that they are beyond the log.
    """

    def __init__(self, reading: Reading, facts: Facts, head: Head | None = None) -> None:
        self._reading = reading
        self._facts = facts
        self._head = head

    async def reached(self, freshness: Freshness = AS_IT_IS) -> Reached:
        """How far the views are; the files are never said to be further than the inbox."""
        answers = await self._reading.read([Query(VERSIONS, {})], freshness)
        files, building = answers.position, []
        for row in answers.rows[0]:
            if not row["active"]:
                building.append((row["view"], row["version"], row["position"]))
            elif row["view"] == "media":
                files = min(row["position"], files)
        return Reached(answers.position, files, tuple(building))

    async def are_beyond(self, after: int, inbox: int) -> bool:
        """Whether the log never had this position, as after a restore from an older backup.

        The inbox, which is at `inbox`, may be behind (on a standby, too), and then it is no sign.
        """
        return after > inbox and self._head is not None and after > await self._head()

    async def facts(
        self,
        after: int,
        to: int,
        limit: int,
        kinds: Collection[str] = STREAM_KINDS,
        numbers: Collection[str] | None = None,
    ) -> FactRows:
        """What happened in (after, to], oldest first."""
        types = event_types(kinds)
        if not types or after >= to:
            return []
        return await self._facts(after, to, types=types, numbers=numbers, limit=limit)

    async def placed(
        self, facts: FactRows, min_position: int, asked: Collection[int] = ()
    ) -> tuple[list[Change], dict[int, Current], int]:
        """The changes that the facts are, where the asked conversations are, and the position.

        All in one snapshot, which has reached `min_position`.
        """
        queries = [
            Query(
                PLACES,
                {
                    "positions": [fact["position"] for fact in facts],
                    "message_ids": [fact["message_id"] for fact in facts],
                    "numbers": [fact["phone_number_id"] for fact in facts],
                    "conversations": [fact["conversation_id"] for fact in facts],
                    "streams": [fact["stream"] for fact in facts],
                    "times": [fact["occurred_at"] for fact in facts],
                    "other_streams": [fact["other_stream"] for fact in facts],
                    "other_times": [fact["other_at"] for fact in facts],
                },
            ),
            Query(CONVERSATIONS, {"ids": sorted(asked)}),
            *joined(facts),
        ]
        answers = await self._reading.read(queries, Freshness(min_position))
        places, conversations, *joins = answers.rows
        changes = [Change(fact, place) for fact, place in zip(facts, places, strict=True)]
        if joins and joins[0]:
            changes += [Change(fact, place) for fact, place in as_merged(facts, joins[0])]
            changes.sort(key=lambda change: change.position)
        current = {row["id"]: Current(row["conversation_id"], row["phone_number_id"])
                   for row in conversations}  # fmt: skip
        return changes, current, answers.position


def sorted_facts(facts: Sequence[DictRow]) -> FactRows:
    """Oldest first."""
    return sorted(facts, key=lambda fact: fact["position"])
