"""Unmerging customers: a merge was a mistake; what Meta says of the two holds on."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import ConfigDict, model_validator
from typing_extensions import TypedDict

from events.append import Expected, append
from events.catalogue import ConversationsUnmerged
from events.database import Pool
from events.dedupe import dedupe_key
from events.envelope import NewEvent, Position
from write_side.alternatives import exactly_one
from write_side.cause import Cause
from write_side.connections import Connection
from write_side.errors import MergeNotFound
from write_side.merging import (
    Customer,
    Customers,
    FindCustomers,
    Merge,
    between,
    customer,
    person,
)
from write_side.seen import ConversationWish, looking_again, refuse_unseen
from write_side.whole_numbers import Id


class UnmergeCustomers(ConversationWish):
    """Which merge of the customer of the address: by its id, or by who was merged with them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"merge": 48207}, {"customer_id": 48003}],
            **exactly_one("merge", "customer_id"),
        },
    )

    merge: Id | None = None
    customer_id: Id | None = None

    @model_validator(mode="after")
    def names_one_merge(self) -> "UnmergeCustomers":
        if (self.merge is None) == (self.customer_id is None):
            raise ValueError("give either merge or customer_id")
        return self


class Unmerged(TypedDict):
    """The merges that this has undone; none where they were undone before."""

    customer_id: int
    unmerged: list[int]
    position: int


class UnmergeCommand:
    """Undoes exactly the merge that is meant."""

    def __init__(self, pool: Pool, find: FindCustomers) -> None:
        self._pool = pool
        self._find = find

    async def __call__(self, id_: int, wish: UnmergeCustomers, cause: Cause) -> Unmerged:
        """Raises CustomerNotFound, ConversationMoved, MergeNotFound and the errors of the log.

        The end of a merge is the same whatever else happens, so nothing is expected of the log
        unless the caller says up to where they have seen it.
        """
        ids = [id_] if wish.customer_id is None else [id_, wish.customer_id]

        async def attempt(conn: Connection, seen: Position) -> Unmerged:
            found = await self._find(ids=ids, min_position=seen, since=cause.seen)
            one = customer(found, id_)
            meant = _meant(found, one, wish)
            active = [merge for merge in meant if merge.undone_position is None]
            if not active:
                return Unmerged(customer_id=one.id, unmerged=[], position=seen)
            events = [_event(one, merge, cause.actor) for merge in active]
            await refuse_unseen(conn, one.missed, [event.dedupe for event in events])
            expected = None if cause.seen is None else Expected(list(one.kin), seen)
            appended = await append(conn, [(None, event) for event in events], expected=expected)
            undone = [m.id for m, fresh in zip(active, appended.fresh, strict=True) if fresh]
            return Unmerged(customer_id=one.id, unmerged=undone, position=appended.head)

        return await looking_again(self._pool, attempt)


def _meant(found: Customers, one: Customer, wish: UnmergeCustomers) -> Sequence[Merge]:
    if wish.customer_id is None:
        meant = [merge for merge in found.merges if merge.id == wish.merge]
    else:
        meant = between(found.merges, one, customer(found, wish.customer_id))
    if not meant:
        raise MergeNotFound(
            "the customer has no such merge",
            [merge.id for merge in found.merges if merge.undone_position is None],
        )
    return meant


def _event(one: Customer, merge: Merge, actor: str) -> NewEvent:
    unmerged = ConversationsUnmerged(
        conversation_id=one.id,
        streams=list(one.streams),
        merge=merge.id,
        person=person(merge.stream, merge.at),
        other_person=person(merge.other_stream, merge.other_at),
    )
    return NewEvent(
        stream=merge.stream,
        type="ConversationsUnmerged",
        version=ConversationsUnmerged.version,
        data=unmerged.model_dump(exclude_none=True),
        occurred_at=datetime.now(UTC),
        dedupe=dedupe_key(0, "unmerged", str(merge.id)),
        actor=actor,
    )
