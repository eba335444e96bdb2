"""Finding a conversation for a command: which one is meant, and the streams that make it up."""

from typing import Any, LiteralString, NamedTuple

from psycopg.rows import DictRow

from read_api import phones
from read_api.conversation_lookup import CONVERSATION
from read_api.missed import MISSED, MISSED_MAX, PHONES, kin
from read_api.reading import Freshness, Query, Reading

WAIT_S = 2.0

# The streams of its identities, without the mark of a phone that changed hands, and those that
# its unread messages were filed by: a phone's items can belong to the conversation of a user id.
STREAMS: LiteralString = """
       array(select regexp_replace(i.identity, '#[0-9]+$', '')
               from identities i
              where i.conversation_id = c.id
              union
             select substr(m.filed_by, 2)
               from messages m
              where m.conversation_id = c.id and m.direction = 'in' and not m.read
              order by 1) as streams
"""

_FOUND: LiteralString = f"""
select c.id, c.phone_number_id, c.phone_number, c.marked_unread, {STREAMS},
       {PHONES},
       {MISSED}
  from conversations c
"""

BY_ID: LiteralString = _FOUND + f" where c.id in ({CONVERSATION})"
BY_PHONE: LiteralString = _FOUND + " where c.phone_number = any(%(numbers)s) order by c.id"


class FoundConversation(NamedTuple):
    """A conversation as far as the view knows.

    `streams` make it up, `kin` are these and what else it may hear from, `missed` is what came
    after the position that was asked about.
    """

    id: int
    phone_number_id: str
    phone_number: str | None
    streams: list[str]
    marked_unread: bool
    kin: list[str]
    missed: list[dict[str, Any]]


class Found(NamedTuple):
    """What was found at a position of the log.

    `candidates` are phone numbers that could be meant, when no conversation has the very number
    that was asked for; then `conversations` is empty.
    """

    conversations: list[FoundConversation]
    candidates: list[str]
    position: int


async def find_conversations(
    reading: Reading,
    *,
    conversation_id: int | None,
    phone: str | None,
    min_position: int,
    since: int | None = None,
) -> Found:
    """By id (an id from before a merge will do), or by phone on every business number.

    Raises ProjectionBehind when the view does not reach `min_position` within 2 s, and
    InvalidParameter for what is no phone number.
    """
    freshness = Freshness(min_position, WAIT_S)
    values = {"since": since, "missed_max": MISSED_MAX}
    if conversation_id is not None:
        answers = await reading.read([Query(BY_ID, {"id": conversation_id, **values})], freshness)
        return Found([_found(row) for row in answers.rows[0]], [], answers.position)
    number = phones.digits("phone_number", phone or "")
    query = Query(BY_PHONE, {"numbers": phones.variants(number), **values})
    answers = await reading.read([query], freshness)
    found = [_found(row) for row in answers.rows[0]]
    exact = [one for one in found if one.phone_number == number]
    others = sorted({one.phone_number for one in found if one.phone_number})
    return Found(exact, [] if exact else others, answers.position)


def _found(row: DictRow) -> FoundConversation:
    names = set(FoundConversation._fields) - {"kin"}
    return FoundConversation(kin=kin(row), **{name: row[name] for name in names})
