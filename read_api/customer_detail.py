"""GET customers/{id}/: a person with all that they were known by, and the merges behind them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import LiteralString, TypeVar, cast

from psycopg.rows import DictRow
from psycopg.sql import SQL
from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.answers import answer
from read_api.conversation_detail import asked_conversation
from read_api.conversation_lookup import CONVERSATION
from read_api.customer_finding import MERGES
from read_api.customer_rows import CUSTOMERS, listed_customer
from read_api.errors import NotFound
from read_api.etags import changed_at, tagged
from read_api.message_rows import seconds
from read_api.models.customer import (
    CustomerDetail,
    CustomerMerge,
    Had,
    ParentUserId,
    ProfileName,
    UserId,
    Username,
    WaId,
)
from read_api.reading import Query, Reading

BY_ID = CUSTOMERS.format(
    page=SQL("select c.id from conversations c where c.group_id is null and c.id in ({})").format(
        SQL(CONVERSATION)
    ),
    by=SQL(""),
)

# Every word of the messages in one pass; then what is known without a message: a number that was
# moved to, a phone that came with a user id in something else.
KNOWN_BY: LiteralString = """
with own as (
    select regexp_replace(i.identity, '#[0-9]+$', '') as stream
      from identities i
     where i.conversation_id = (
           select m.conversation_id from messages m where m.id = %(id)s)
), said as (
    select m.customer_wa_id, m.customer_user_id, m.customer_parent_user_id, m.customer_username,
           m.customer_name, min(m.sorted_at) as first_at, max(m.sorted_at) as last_at
      from messages m
     where m.conversation_id = (select k.conversation_id from messages k where k.id = %(id)s)
     group by 1, 2, 3, 4, 5
)
select w.kind, w.word, min(w.first_at) as first_at, max(w.last_at) as last_at
  from (
    select k.kind, k.word, s.first_at, s.last_at
      from said s
     cross join lateral (
           values ('wa_id', s.customer_wa_id), ('user_id', s.customer_user_id),
                  ('parent_user_id', s.customer_parent_user_id),
                  ('username', s.customer_username), ('name', s.customer_name)) as k(kind, word)
    union all
    select 'wa_id', split_part(o.stream, '/p:', 2), null, null
      from own o
     where position('/p:' in o.stream) > 0
    union all
    select 'user_id', split_part(o.stream, '/u:', 2), null, null
      from own o
     where position('/u:' in o.stream) > 0
    union all
    select 'wa_id', l.wa_id, l.linked_at, null
      from own o
      join links l on l.user_id = split_part(o.stream, '/u:', 2)
                  and l.phone_number_id = split_part(o.stream, '/', 1)
  ) w
 where w.word is not null
 group by w.kind, w.word
 order by w.kind, min(w.first_at) nulls last, w.word
"""

OUTGOING: LiteralString = """
select count(*) as count
  from messages m
 where m.direction = 'out'
   and m.conversation_id = (select k.conversation_id from messages k where k.id = %(id)s)
"""

H = TypeVar("H", bound=Had)


async def get_customer(reading: Reading, request: Request) -> Response:
    """By their id, or by one from before a merge: the answer's `id` is the one that counts."""
    values = parameters.parse(request.query_params.multi_items(), parameters.FRESHNESS)
    id_ = asked_conversation(request)
    asked = {"id": id_, "ids": [id_]}
    queries = [Query(text, asked) for text in (BY_ID, KNOWN_BY, MERGES, OUTGOING)]
    answers = await reading.read(queries, parameters.freshness(request, values))
    found, known_by, merges, (outgoing,) = answers.rows
    if not found:
        raise NotFound("customer")
    content: CustomerDetail = {
        **listed_customer(found[0]),
        "outgoing_count": outgoing["count"],
        "wa_ids": _had(known_by, "wa_id", WaId),
        "user_ids": _had(known_by, "user_id", UserId),
        "parent_user_ids": _had(known_by, "parent_user_id", ParentUserId),
        "usernames": _had(known_by, "username", Username),
        "profile_names": _had(known_by, "name", ProfileName),
        "merges": [_merge(row) for row in merges],
    }
    name = changed_at(answers.version, found[0]["changed_id"])
    return tagged(request, answer(request, content, answers), name)


def _had(known_by: Iterable[DictRow], kind: str, model: type[H]) -> list[H]:
    return [
        cast(
            H,
            {
                kind: row["word"],
                "first_seen_at": _moment(row["first_at"]),
                "last_seen_at": _moment(row["last_at"]),
            },
        )
        for row in known_by
        if row["kind"] == kind
    ]


def _merge(row: Mapping[str, object]) -> CustomerMerge:
    return cast(
        CustomerMerge,
        {
            **{name: row[name] for name in ("id", "customer_id", "other_customer_id")},
            "merged_at": _moment(row["merged_at"]),
            "merged_by": row["merged_by"],
            "undone_at": _moment(row["undone_at"]),
            "undone_by": row["undone_by"],
        },
    )


def _moment(at: object) -> str | None:
    return seconds(at) if isinstance(at, datetime) else None
