"""GET conversations/{id}/events/: what happened in a conversation, as the log has it.

The log knows streams. Which of their events are this conversation's, the read tables say: a phone's
stream may have had several people, and what our people said goes with the conversation it was said
of.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import LiteralString, cast

from psycopg.rows import DictRow
from psycopg.sql import SQL
from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.answers import answer, ends
from read_api.conversation_detail import asked_conversation
from read_api.conversation_lookup import CONVERSATION
from read_api.errors import InvalidParameter, NotFound
from read_api.fields import fields_of, selected
from read_api.ledger import Ledger
from read_api.live.changes import PLACES
from read_api.masking import may_know
from read_api.message_rows import milliseconds
from read_api.models.history import Actor, History, HistoryEvent
from read_api.paging import Order, Page, cut, links, page
from read_api.parser import Parser, parser
from read_api.reading import Freshness, Query, Reading

# Streams that several people had are read on until a page is full, but not for ever.
ROUNDS_MAX = 20

STREAMS: LiteralString = f"""
select c.id,
       array(select regexp_replace(i.identity, '#[0-9]+$', '')
               from identities i
              where i.conversation_id = c.id
              union
             select l.phone_number_id || '/p:' || l.wa_id
               from identities i
              cross join lateral (
                    select k.phone_number_id, k.wa_id from links k
                     where k.user_id = split_part(i.identity, '/u:', 2)
                       and k.phone_number_id = split_part(i.identity, '/u:', 1)) l
              where i.conversation_id = c.id and position('/u:' in i.identity) > 0
              union
             select d.stream from details d where d.conversation_id = c.id
              union
             select n.stream from notes n where n.conversation_id = c.id
              order by 1) as streams
  from conversations c
 where c.id in ({CONVERSATION})
"""

ORDER = Order((), SQL("position"))


def event_types(known: tuple[str, ...]) -> Parser[tuple[str, ...]]:
    """Reads types of events, of those that are known."""
    one = f"({'|'.join(known)})"

    @parser(type="string", pattern=f"^{one}(,{one})*$", examples=["MessageReceived,NoteAdded"])
    def read(name: str, text: str) -> tuple[str, ...]:
        """Types of events, with commas between them; all if not given."""
        words = text.split(",")
        for word in words:
            if word not in known:
                raise InvalidParameter(name, f"{word[:64]!r} is none of {', '.join(known)}")
        return tuple(sorted(set(words)))

    return read


@lru_cache(maxsize=1)
def parameters_of(types: tuple[str, ...]) -> dict[str, Parser]:
    """What can be asked of a log that has events of these types."""
    return {
        "types": event_types(types),
        "order": parameters.one_of("desc", "asc").about("By position; desc if not given."),
        "fields": fields_of(HistoryEvent),
        "limit": parameters.limit,
        "cursor": parameters.cursor,
        **parameters.FRESHNESS,
    }


async def list_history(ledger: Ledger, reading: Reading, request: Request) -> Response:
    """A page of events, the newest first unless asked otherwise. Raises NotFound."""
    values = parameters.parse(request.query_params.multi_items(), parameters_of(ledger.types))
    id_ = asked_conversation(request)
    sort = "position" if values.get("order") == "asc" else "-position"
    asked = page(
        "events", {**values, "sort": sort, "id": id_}, ("id", "types"), reading.cursor_key, sort
    )
    freshness = parameters.freshness(request, values)
    answers = await reading.read([Query(STREAMS, {"id": id_})], freshness)
    if not answers.rows[0]:
        raise NotFound("conversation")
    (conversation,) = answers.rows[0]
    found = await _of(ledger, reading, asked, conversation, answers.position)
    shown = cut(asked, found, ORDER.key, reading.cursor_key)
    known = may_know(request)
    events = selected([event(row, known=known) for row in shown.rows], values.get("fields"))
    content: History = {
        "count": len(events),
        "conversation_id": conversation["id"],
        "events": events,
        **ends(shown, answers),
    }
    return answer(request, content, answers, links(request, shown))


async def _of(
    ledger: Ledger, reading: Reading, asked: Page, conversation: DictRow, up_to: int
) -> list[DictRow]:
    """Events of the conversation in reading order, one more than the page has if there are more."""
    place: int | None = None if asked.place is None else asked.place.key[0]
    wanted, own = asked.limit + 1, list[DictRow]()
    for _ in range(ROUNDS_MAX):
        rows = await ledger.history(
            conversation["streams"],
            up_to=up_to,
            place=place,
            descending=asked.descending,
            types=cast("Collection[str] | None", asked.filters.get("types")),
            rows=wanted,
        )
        own += await _belonging(reading, rows, conversation["id"], up_to)
        if len(own) >= wanted or len(rows) < wanted:
            break
        place = rows[-1]["position"]
    return own[:wanted]


async def _belonging(
    reading: Reading, rows: list[DictRow], conversation_id: int, min_position: int
) -> list[DictRow]:
    if not rows:
        return []
    columns = {
        "positions": "position",
        "message_ids": "message_id",
        "numbers": "phone_number_id",
        "conversations": "conversation_id",
        "streams": "stream",
        "times": "occurred_at",
        "other_streams": "other_stream",
        "other_times": "other_at",
    }
    values = {name: [row[column] for row in rows] for name, column in columns.items()}
    answers = await reading.read([Query(PLACES, values)], Freshness(min_position))
    own = {
        place["position"]
        for place in answers.rows[0]
        if conversation_id in (place["conversation_id"], place["other_conversation_id"])
    }
    return [row for row in rows if row["position"] in own]


def event(row: DictRow, *, known: bool) -> HistoryEvent:
    return {
        "position": row["position"],
        "event_id": str(row["event_id"]),
        "type": row["type"],
        "version": row["version"],
        "occurred_at": milliseconds(row["occurred_at"]),
        "recorded_at": milliseconds(row["recorded_at"]),
        "actor": _actor(row),
        "delivery_id": row["delivery_id"],
        "data": row["data"] if known else None,
    }


def _actor(row: DictRow) -> Actor:
    kind, _, name = (row["actor"] or "").partition(":")
    if kind == "user":
        return {"kind": "user", "id": name, "name": name}
    if kind == "key":
        return {"kind": "key", "id": name, "name": row["key_name"]}
    data = row["data"]
    theirs = row["type"] in (
        "MessageReceived",
        "ReactionChanged",
        "MessageEdited",
        "MessageRevoked",
    )
    if theirs and "author" not in data:
        return {"kind": "customer", "id": data.get("user_id"), "name": data.get("profile_name")}
    return {"kind": "whatsapp", "id": None, "name": None}
