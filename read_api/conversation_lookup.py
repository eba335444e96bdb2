"""Which conversations are meant: by id, or by a phone number that they have or once had."""

from collections.abc import Mapping
from typing import Any, LiteralString

from read_api.errors import InvalidParameter
from read_api.phones import Phone
from read_api.reading import Query, Rows

CONVERSATIONS_MAX = 1_000

# A phone's own identity is `<business number>/p:<phone>`, followed by `#<seconds>` after the phone
# changed hands. The business numbers are read off the index by leaps ("0" follows "/"), and the
# lateral joins keep to it too: how few rows a number has is more than the planner can know.
BY_NUMBERS: LiteralString = """
with recursive business (phone_number_id) as (
    (select split_part(i.identity, '/', 1)
       from identities i
      order by i.identity
      limit 1)
    union all
    select (select split_part(i.identity, '/', 1)
              from identities i
             where i.identity >= b.phone_number_id || '0'
             order by i.identity
             limit 1)
      from business b
     where b.phone_number_id is not null
), own (identity) as (
    select b.phone_number_id || '/p:' || n.number
      from business b
     cross join unnest(%(numbers)s::text[]) as n(number)
     where b.phone_number_id is not null
)
select c.id
  from conversations c
 where c.phone_number = any(%(numbers)s)
union
select i.conversation_id
  from links l
 cross join lateral (
       select k.conversation_id
         from identities k
        where k.identity = l.phone_number_id || '/u:' || l.user_id
        limit 1) i
 where l.wa_id = any(%(numbers)s) and i.conversation_id is not null
union
select i.conversation_id
  from own o
 cross join lateral (
       select k.conversation_id
         from identities k
        where k.identity = o.identity
           or k.identity > o.identity || '#' and k.identity < o.identity || '$'
       offset 0) i
 where i.conversation_id is not null
 limit %(most)s
"""

# The end of a phone is the beginning of its digits read backwards.
_ENDING: LiteralString = "like reverse(%(digits)s) || '%%'"

BY_SUFFIX: LiteralString = f"""
select i.conversation_id as id
  from links l
 cross join lateral (
       select k.conversation_id
         from identities k
        where k.identity = l.phone_number_id || '/u:' || l.user_id
        limit 1) i
 where reverse(l.wa_id) {_ENDING} and i.conversation_id is not null
union
select i.conversation_id
  from identities i
 where position('/p:' in i.identity) > 0
   and reverse(split_part(i.identity, '#', 1)) {_ENDING} and i.conversation_id is not null
 limit %(most)s
"""

NUMBERS_BY_SUFFIX: LiteralString = f"""
select l.wa_id as number
  from links l
 where reverse(l.wa_id) {_ENDING}
union
select split_part(split_part(i.identity, '/p:', 2), '#', 1)
  from identities i
 where position('/p:' in i.identity) > 0
   and reverse(split_part(i.identity, '#', 1)) {_ENDING}
 limit %(most)s
"""


# A conversation's id is that of its first message, and so is an id that was a conversation's once.
CONVERSATION: LiteralString = """
select m.conversation_id as id
  from messages m
 where m.id = %(id)s and m.conversation_id is not null
"""


def conversations_of(phone: Phone) -> Query:
    """Asks for the ids of the conversations, at most one more than is allowed."""
    most = CONVERSATIONS_MAX + 1
    if phone.match == "suffix":
        return Query(BY_SUFFIX, {"digits": phone.digits, "most": most})
    return Query(BY_NUMBERS, {"numbers": phone.candidates, "most": most})


def numbers_of(phone: Phone) -> Query:
    """Asks for the numbers that end so, at most one more than is allowed."""
    return Query(NUMBERS_BY_SUFFIX, {"digits": phone.digits, "most": CONVERSATIONS_MAX + 1})


def ids(rows: Rows, parameter: str = "phone") -> list[int]:
    """Raises InvalidParameter when so many conversations match that a list of them is no answer."""
    return [row["id"] for row in _few(rows, parameter)]


def numbers(rows: Rows) -> list[str]:
    """Raises InvalidParameter when so many numbers match that a list of them is no answer."""
    return [row["number"] for row in _few(rows, "phone")]


def _few(rows: Rows, parameter: str) -> Rows:
    if len(rows) > CONVERSATIONS_MAX:
        raise InvalidParameter(
            parameter, f"matches over {CONVERSATIONS_MAX} conversations; narrow it"
        )
    return rows


def lookups(values: Mapping[str, Any], phone: Phone | None) -> list[Query]:
    """What has to be known before the page can be asked for: which conversations."""
    found = []
    # A customer is the other face of a conversation, and has its id.
    for name in ("conversation", "customer"):
        if name in values:
            found.append(Query(CONVERSATION, {"id": values[name]}))
    if phone is not None:
        found.append(conversations_of(phone))
    return found


def of_all(found: list[Rows]) -> list[int]:
    """The conversations that every lookup has found."""
    return sorted(set.intersection(*(set(ids(rows)) for rows in found)))
