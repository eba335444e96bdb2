"""Merging customers: two conversations are one person's, until somebody says otherwise."""

from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from pydantic import ConfigDict
from typing_extensions import TypedDict

from events.append import Expected, append
from events.catalogue import ConversationsMerged
from events.catalogue.conversations import Person
from events.database import Pool
from events.envelope import NewEvent, Position
from write_side.cause import Cause
from write_side.connections import Connection
from write_side.errors import CustomerNotFound, MergeRefused
from write_side.seen import ConversationWish, looking_again, refuse_unseen
from write_side.whole_numbers import Id


class MergeCustomers(ConversationWish):
    """Who else the customer of the address is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"customer_id": 48003}]})

    customer_id: Id


class Merged(TypedDict):
    """The customer's id from now on; `merge` is null where nobody of ours had made them one."""

    customer_id: int
    merged: bool
    merge: int | None
    position: int


class Customer(Protocol):
    """A customer as the read side knows them; what the names mean is said there."""

    @property
    def id(self) -> int: ...
    @property
    def own_id(self) -> int | None: ...
    @property
    def phone_number_id(self) -> str: ...
    @property
    def is_group(self) -> bool: ...
    @property
    def stream(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def streams(self) -> Sequence[str]: ...
    @property
    def kin(self) -> Sequence[str]: ...
    @property
    def missed(self) -> Sequence[Mapping[str, Any]]: ...


class Merge(Protocol):
    """A merge as the read side knows it, undone or not."""

    @property
    def id(self) -> int: ...
    @property
    def customer_id(self) -> int | None: ...
    @property
    def other_customer_id(self) -> int | None: ...
    @property
    def stream(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def other_stream(self) -> str: ...
    @property
    def other_at(self) -> datetime: ...
    @property
    def undone_position(self) -> int | None: ...


class Customers(Protocol):
    @property
    def customers(self) -> Mapping[int, Customer]: ...
    @property
    def merges(self) -> Sequence[Merge]: ...


class FindCustomers(Protocol):
    """The read side's answer to "who are they, and who was merged?", at `min_position` or later."""

    def __call__(
        self, *, ids: Sequence[int], min_position: int, since: int | None
    ) -> Awaitable[Customers]: ...


class MergeCommand:
    """Says that two customers are one person, unless they are that already."""

    def __init__(self, pool: Pool, find: FindCustomers) -> None:
        self._pool = pool
        self._find = find

    async def __call__(self, id_: int, wish: MergeCustomers, cause: Cause) -> Merged:
        """Raises CustomerNotFound, ConversationMoved, MergeRefused and the errors of the log."""
        if id_ == wish.customer_id:
            raise MergeRefused("same-customer", "a customer can't be merged with itself")

        async def attempt(conn: Connection, seen: Position) -> Merged:
            ids = [id_, wish.customer_id]
            found = await self._find(ids=ids, min_position=seen, since=cause.seen)
            one, other = (customer(found, each) for each in ids)
            _refuse(one, other)
            theirs = between(found.merges, one, other)
            if one.id == other.id:
                merge = next((m.id for m in theirs if m.undone_position is None), None)
                return Merged(customer_id=one.id, merged=False, merge=merge, position=seen)
            event = _event(one, other, theirs, cause)
            # An ETag is that of the address's own customer, and says nothing of the other one.
            both = wish.last_seen_position is not None
            missed = [*one.missed, *(other.missed if both else ())]
            await refuse_unseen(conn, missed, [event.dedupe])
            streams = [*one.streams, *other.streams]
            if cause.seen is not None:
                streams += [*one.kin, *(other.kin if both else ())]
            expected = Expected(sorted(set(streams)), seen)
            appended = await append(conn, [(None, event)], expected=expected)
            return Merged(
                customer_id=min(one.id, other.id),
                merged=appended.fresh[0],
                merge=appended.positions[0],
                position=appended.head,
            )

        return await looking_again(self._pool, attempt)


def customer(found: Customers, id_: int) -> Customer:
    """Raises CustomerNotFound."""
    if id_ not in found.customers:
        raise CustomerNotFound(f"there is no customer {id_}")
    return found.customers[id_]


def between(merges: Sequence[Merge], one: Customer, other: Customer) -> list[Merge]:
    """The merges of these two and nobody else, the newest first."""
    pair = {one.own_id, other.own_id}
    return [merge for merge in merges if {merge.customer_id, merge.other_customer_id} == pair]


def person(stream: str, at: datetime) -> Person:
    return Person(stream=stream, at=at.astimezone(UTC).isoformat())


def _refuse(one: Customer, other: Customer) -> None:
    if one.phone_number_id != other.phone_number_id:
        raise MergeRefused(
            "other-number", "they write to different business numbers, which are kept apart"
        )
    if one.is_group or other.is_group:
        raise MergeRefused("group", "a group is no person and can't be merged")


def _event(one: Customer, other: Customer, theirs: Sequence[Merge], cause: Cause) -> NewEvent:
    people = [person(each.stream, each.at) for each in (one, other)]
    merged = ConversationsMerged(
        conversation_id=one.id,
        streams=list(one.streams),
        other_conversation_id=other.id,
        other_streams=list(other.streams),
        person=people[0],
        other_person=people[1],
    )
    # The same wish after the same history is the same fact: a retry appends nothing, but who was
    # parted can be merged again.
    parted = max((merge.undone_position or Position(0) for merge in theirs), default=0)
    pair = sorted(f"{each.stream} {each.at}" for each in people)
    return NewEvent(
        stream=one.stream,
        type="ConversationsMerged",
        version=ConversationsMerged.version,
        data=merged.model_dump(exclude_none=True),
        occurred_at=datetime.now(UTC),
        dedupe=cause.dedupe("merged", *pair, parted),
        actor=cause.actor,
    )
