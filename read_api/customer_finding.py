"""Finding customers for a command: who is meant by an id, and who was merged with whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from psycopg.rows import DictRow

from read_api.finding import WAIT_S
from read_api.missed import MISSED, MISSED_MAX, PHONES, kin
from read_api.reading import Freshness, Query, Reading

# An id is that of a message, and means whoever the message's identity is. Where that is a phone's,
# the stream and the time say which of its owners; a user id is one person's for ever.
CUSTOMERS: LiteralString = f"""
select m.id as asked_id, c.id, i.own_id, c.phone_number_id, c.group_id is not null as is_group,
       case when position('/p:' in owner.identity) > 0 then substr(m.filed_by, 2)
            else owner.identity end as stream,
       m."timestamp" as at,
       array(select regexp_replace(n.identity, '#[0-9]+$', '')
               from identities n
              where n.conversation_id = c.id
              union
             select substr(m.filed_by, 2)
              order by 1) as streams,
       {PHONES},
       {MISSED}
  from messages m
  join conversations c on c.id = m.conversation_id
 cross join lateral (select owner_of(substr(m.filed_by, 2), m."timestamp") as identity) owner
  left join identities i on i.identity = owner.identity
 where m.id = any (%(ids)s)
"""

# The merges that any of the identities of their conversations has a part in, the newest first.
MERGES: LiteralString = """
with whose as (
    select i.identity
      from messages m
      join identities i on i.conversation_id = m.conversation_id
     where m.id = any (%(ids)s)
), theirs as (
    select k.id from merges k where k.identity = any (array(select w.identity from whose w))
    union
    select k.id from merges k where k.other_identity = any (array(select w.identity from whose w))
)
select k.id, k.stream, k.at, k.other_stream, k.other_at, k.merged_at, k.merged_by,
       k.undone_position, k.undone_at, k.undone_by,
       one.own_id as customer_id, other.own_id as other_customer_id
  from theirs t
  join merges k on k.id = t.id
  left join identities one on one.identity = k.identity
  left join identities other on other.identity = k.other_identity
 order by k.id desc
"""


class FoundCustomer(NamedTuple):
    """Whom an id means: one person, whoever they were merged with.

    `id` is the customer's as merges have it, `own_id` what it would be without them. `stream` and
    `at` say for ever who is meant; `streams` make up the whole conversation, `kin` are these and
    what else it may hear from. `missed` is what came after the position that was asked about.
    """

    asked_id: int
    id: int
    own_id: int | None
    phone_number_id: str
    is_group: bool
    stream: str
    at: datetime
    streams: list[str]
    kin: list[str]
    missed: list[dict[str, Any]]


class FoundMerge(NamedTuple):
    """A merge of two people, named by their own ids (null for one of whom there is nothing)."""

    id: int
    customer_id: int | None
    other_customer_id: int | None
    stream: str
    at: datetime
    other_stream: str
    other_at: datetime
    undone_position: int | None


class FoundCustomers(NamedTuple):
    """Customers by the id that was asked for, and their merges, at a position of the log."""

    customers: dict[int, FoundCustomer]
    merges: list[FoundMerge]
    position: int


async def find_customers(
    reading: Reading, *, ids: Sequence[int], min_position: int, since: int | None = None
) -> FoundCustomers:
    """By ids, of which those from before a merge will do; who is not there is left out.

    Raises ProjectionBehind when the view does not reach `min_position` within 2 s.
    """
    asked = {"ids": list(ids), "since": since, "missed_max": MISSED_MAX}
    queries = [Query(CUSTOMERS, asked), Query(MERGES, asked)]
    answers = await reading.read(queries, Freshness(min_position, WAIT_S))
    customers, merges = answers.rows
    return FoundCustomers(
        {row["asked_id"]: _customer(row) for row in customers},
        [FoundMerge(*(row[name] for name in FoundMerge._fields)) for row in merges],
        answers.position,
    )


def _customer(row: DictRow) -> FoundCustomer:
    names = set(FoundCustomer._fields) - {"kin"}
    return FoundCustomer(kin=kin(row), **{name: row[name] for name in names})
