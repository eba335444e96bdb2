"""GET conversations/{id}/messages/: a conversation to be read, oldest first inside a page."""

import re
from collections.abc import Mapping
from typing import Any, LiteralString

from starlette.requests import Request
from starlette.responses import Response

from read_api import cursor, message_list, parameters, words
from read_api.answers import listed
from read_api.conversation_lookup import CONVERSATION
from read_api.errors import InvalidParameter, NotFound
from read_api.fields import fields_of, selected
from read_api.masking import may_know
from read_api.message_filters import message_id
from read_api.message_pages import Question
from read_api.message_rows import PLACE, message
from read_api.models.message import Message, Thread
from read_api.paging import Cut, Page, cut, order_name
from read_api.parameters import LIMIT_DEFAULT
from read_api.pasts import Asked, Pasts, as_of, asked_as_of
from read_api.reading import Query, Reading, Rows

PARAMETERS: dict[str, parameters.Parser] = {
    "before": parameters.cursor.about("prev_cursor of an answer: what was said before it."),
    "after": parameters.cursor.about("next_cursor of an answer: what was said after it."),
    "around": message_id.about("A message, by its id or wamid: it and what was said around it."),
    "q": words.query,
    "q_mode": parameters.one_of(*words.MODES),
    "as_of": as_of,
    "fields": fields_of(Message),
    "limit": parameters.limit,
    **parameters.FRESHNESS,
}

# Two business numbers can know the same wamid (a group): the conversation says which is meant.
_PLACE: LiteralString = "select m.id, m.sorted_at, m.conversation_id from messages m"
PLACE_OF_ID: LiteralString = f"{_PLACE} where m.id = %(around)s"
PLACE_OF_WAMID: LiteralString = f"{_PLACE} where m.message_id = %(around)s"

# The list's own order; a page is turned round at the end.
SORT = "-timestamp"


async def get_thread(reading: Reading, pasts: Pasts, request: Request) -> Response:
    """The newest page of a conversation's messages, or the one before, after or around a place."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    asked_id = conversation_id(request)
    ways = [name for name in ("before", "after", "around") if name in values]
    if len(ways) > 1:
        raise InvalidParameter(ways[1], f"can't be given together with {ways[0]}")
    if "around" in values and "q" in values:
        raise InvalidParameter("around", "can't be given together with q")
    if "as_of" in values and "q" in values:
        raise InvalidParameter("as_of", "can't be given together with q")
    limit = values.get("limit", LIMIT_DEFAULT)
    filters = {"conversation": asked_id} | {n: values[n] for n in ("q", "q_mode") if n in values}
    freshness = parameters.freshness(request, values)
    past: Asked | None = None
    if "as_of" in values:
        now = Query(CONVERSATION, {"id": asked_id})
        past = await asked_as_of(pasts, reading, values["as_of"], "conversation", now, freshness)
        # A cursor out of the past is no place in the thread of now, nor in another past.
        filters["as_of"] = past.moment.position
    place = _place(values, filters, reading.cursor_key)
    sought = message_list.sought(values, may_know(request))
    if sought is not None:
        await message_list.reach_search(reading, freshness)
    before = [Query(CONVERSATION, {"id": asked_id})]
    if "around" in values:
        by_id = isinstance(values["around"], int)
        before.append(Query(PLACE_OF_ID if by_id else PLACE_OF_WAMID, values))
    pages: list[Page] = []

    def then(found: list[Rows]) -> list[Query]:
        few = [row["id"] for row in found[0]]
        if not few:
            raise NotFound("conversation")
        # A read that had to wait for a position asks again.
        pages[:] = [Page("thread", SORT, filters, place, limit)]
        if "around" in values:
            here = next((row for row in found[1] if row["conversation_id"] in few), None)
            if here is None:
                raise NotFound("message")
            pages[:] = _around(here, filters, limit)
        return [Question(page, sought, few).page_query() for page in pages]

    if past is None:
        answers = await reading.read(before, freshness, then)
    else:
        answers = await past.answers(before, then, ids=[asked_id])
    found = answers.rows[len(before) :]
    cuts = [
        cut(page, rows, PLACE, reading.cursor_key) for page, rows in zip(pages, found, strict=True)
    ]
    shown = _joined(cuts)
    items = [message(row) for row in reversed(shown.rows)]
    content: Thread = {
        "count": len(items),
        "messages": selected(items, values.get("fields")),
        "conversation_id": answers.rows[0][0]["id"],
        "next_cursor": shown.prev_cursor,
        "prev_cursor": shown.next_cursor,
        "has_more": shown.has_more,
        "position": answers.position,
    }
    return listed(request, content, answers)


def conversation_id(request: Request) -> int:
    """Out of the path. Raises NotFound for what can be no id."""
    text: str = request.path_params["id"]
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise NotFound("conversation")
    return int(text)


def _place(
    values: Mapping[str, Any], filters: Mapping[str, object], secret: bytes
) -> cursor.Place | None:
    """Reading on from a place is reading back in time."""
    for name, direction in _DIRECTIONS.items():
        if name in values:
            found = cursor.decode(values[name], order_name("thread", SORT), filters, secret)
            return cursor.Place(direction, found.key)
    return None


_DIRECTIONS: dict[str, cursor.Direction] = {"before": "next", "after": "prev"}


def _around(here: Mapping[str, Any], filters: Mapping[str, object], limit: int) -> list[Page]:
    """The message with what came after it, and what came before it; ids are whole numbers."""
    older = limit // 2
    at, id_ = here["sorted_at"], here["id"]
    found = [Page("thread", SORT, filters, cursor.Place("prev", (at, id_ - 1)), limit - older)]
    if older:
        found.append(Page("thread", SORT, filters, cursor.Place("next", (at, id_)), older))
    return found


def _joined(cuts: list[Cut]) -> Cut:
    newest, oldest = cuts[0], cuts[-1]
    rows = [row for cut in cuts for row in cut.rows]
    if not oldest.rows:
        # There is nothing before the message that the page is around, or nothing at all.
        return Cut(rows, None, newest.prev_cursor, False)
    return Cut(rows, oldest.next_cursor, newest.prev_cursor, oldest.has_more)
