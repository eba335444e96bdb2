"""Joined: conversations that became one because an item said that two names are one person's.

No event says so: the item is a message, or whatever gave a person a name that was known already. It
is told as `merged`, at the item's position, so that a copy can drop the id that is no more.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, LiteralString

from psycopg.rows import DictRow

from read_api.reading import Query

# The first messages under the names that an item connects are in one conversation, and are not all
# its first. A link is told by the item whose time it has: all later ones say the same again.
JOINED: LiteralString = """
select f.position, m.conversation_id, c.unread_count,
       array_agg(m.id order by m.id) filter (where m.id <> m.conversation_id) as ids
  from unnest(%(positions)s::bigint[], %(ids)s::bigint[], %(numbers)s::text[], %(wa_ids)s::text[],
              %(user_ids)s::text[], %(times)s::timestamptz[])
       as f(position, id, phone_number_id, wa_id, user_id, at)
 cross join lateral (
       select k.id, k.conversation_id from messages k
        where k.id = f.id and k.conversation_id is not null
        limit 1) m
  left join lateral (
       select k.unread_count from conversations k where k.id = m.conversation_id limit 1
  ) c on true
 where f.wa_id is null
    or exists (
       select from links l
        where l.phone_number_id = f.phone_number_id and l.wa_id = f.wa_id
          and l.user_id = f.user_id and l.linked_at = f.at
       offset 0)
 group by f.position, m.conversation_id, c.unread_count
having count(*) > 1 and bool_or(m.id <> m.conversation_id)
 order by f.position, m.conversation_id
"""


def joined(facts: Sequence[DictRow]) -> list[Query]:
    """What became one by these facts: none or one statement."""
    pairs = [(fact, id_) for fact in facts if len(fact["met"] or ()) > 1 for id_ in fact["met"]]
    if not pairs:
        return []
    links = [fact["type"] != "ContactIdentityChanged" for fact, _ in pairs]
    values: dict[str, list[Any]] = {
        "positions": [fact["position"] for fact, _ in pairs],
        "ids": [id_ for _, id_ in pairs],
        "numbers": [fact["phone_number_id"] for fact, _ in pairs],
        "wa_ids": [
            fact["wa_id"] if link else None for link, (fact, _) in zip(links, pairs, strict=True)
        ],
        "user_ids": [
            fact["user_id"] if link else None for link, (fact, _) in zip(links, pairs, strict=True)
        ],
        "times": [fact["occurred_at"] for fact, _ in pairs],
    }
    return [Query(JOINED, values)]


def as_merged(
    facts: Iterable[DictRow], rows: Iterable[DictRow]
) -> Iterator[tuple[DictRow, DictRow]]:
    """A fact and its place for each conversation that is no more, as a merge by hand has them."""
    by_position = {fact["position"]: fact for fact in facts}
    for row in rows:
        for gone in row["ids"]:
            place = {
                "conversation_id": row["conversation_id"],
                "other_conversation_id": row["conversation_id"],
                "unread_count": row["unread_count"],
                "id": None,
            }
            fact = {
                **by_position[row["position"]],
                "type": "ConversationsMerged",
                "message_id": None,
                "conversation_id": row["conversation_id"],
                "other_conversation_id": gone,
            }
            yield fact, place
