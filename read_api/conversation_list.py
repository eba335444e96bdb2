"""GET conversations/: each with its last messages."""

from datetime import UTC, datetime
from functools import lru_cache

from psycopg.sql import SQL, Composed
from starlette.requests import Request
from starlette.responses import Response

from read_api import conversation_lookup, parameters, phones
from read_api.answers import answer, ends
from read_api.conversation_rows import conversation
from read_api.masking import may_know
from read_api.message_rows import COLUMNS, JOINS, message
from read_api.models.conversation import ConversationList
from read_api.models.message import Message
from read_api.paging import Column, Order, Page, cut, fragment_names, links, page
from read_api.reading import Query, Reading, Rows

MESSAGES_DEFAULT = 10

MESSAGES = parameters.whole_number(0, MESSAGES_DEFAULT).about("How many, the newest.")

PARAMETERS: dict[str, parameters.Parser] = {
    "phone": phones.digits,
    "phone_match": parameters.one_of(*phones.MATCHES),
    "phone_number_id": parameters.phone_number_id,
    "unread": parameters.yes_or_no,
    "messages": MESSAGES,
    "sort": parameters.one_of("-last_message_at", "last_message_at"),
    "limit": parameters.limit,
    "cursor": parameters.cursor,
    **parameters.FRESHNESS,
}
_FILTERED_BY = ("phone", "phone_match", "phone_number_id", "unread")

FILTERS: dict[str, SQL] = {
    "phone_number_id": SQL("c.phone_number_id = %(phone_number_id)s"),
    "unread=true": SQL("c.unread_count > 0"),
    "unread=false": SQL("c.unread_count = 0"),
}

ORDERS: dict[str, Order] = {
    "last_message_at": Order((Column("last_message_at", SQL("c.last_message_at")),), SQL("c.id")),
}

PAGE = SQL("""
    select c.id
      from conversations c
     where {where}
     {by}
     limit %(rows)s
""")

CONVERSATIONS = SQL("""
select c.id, c.phone_number_id, c.display_phone_number, c.group_id, c.phone_number, c.user_id,
       c.username, c.contact_name, c.message_count, c.unread_count, c.last_message_at,
       c.last_message_id, c.last_incoming_at, waiting.since as waiting_since,
       failed.count as failed_count
  from ({page}) page
  join conversations c on c.id = page.id
  left join lateral (
       select m.sorted_at as since
         from messages m
        where m.conversation_id = c.id and m.direction = 'in'
          and m.sorted_at > coalesce(c.last_outgoing_at, '-infinity')
        order by m.sorted_at
        limit 1) waiting on true
 cross join lateral (
       select count(*) as count
         from messages m
        where m.conversation_id = c.id and m.failed_at is not null
          and m.status = 'failed') failed
 {by}
""")

# The last few of each conversation off the index; a window function would read all of them.
LAST_MESSAGES = SQL("""
select {columns}
  from ({page}) page
 cross join lateral (
       select l.id
         from messages l
        where l.conversation_id = page.id
        order by l.sorted_at desc, l.id desc
        limit %(messages)s) last
  join messages m on m.id = last.id
  {joins}
 order by m.conversation_id, m.sorted_at, m.id
""")


@lru_cache(maxsize=64)
def statements(
    chosen: tuple[str, ...], sort: str, descending: bool, placed: bool, by_phone: bool
) -> tuple[Composed, Composed]:
    """The page, and the last messages of the conversations on it."""
    order = ORDERS[sort]
    fragments: list[SQL | Composed] = [FILTERS[name] for name in chosen]
    if placed:
        fragments.append(order.after(descending))
    if by_phone:
        fragments.append(SQL("c.id = any(%(conversations)s)"))
    where = SQL(" and ").join(fragments) if fragments else SQL("true")
    inner = PAGE.format(where=where, by=order.by(descending))
    return (
        CONVERSATIONS.format(page=inner, by=order.by(descending)),
        LAST_MESSAGES.format(columns=SQL(COLUMNS), page=inner, joins=SQL(JOINS)),
    )


def queries(asked: Page, messages: int, few: list[int] | None) -> list[Query]:
    """One message at least: what a conversation's last one was is always told."""
    chosen = fragment_names(asked.filters, FILTERS)
    values = {
        **asked.filters,
        **asked.parameters(),
        "conversations": few,
        "messages": max(messages, 1),
    }
    texts = statements(
        chosen, asked.sorted_by, asked.descending, asked.place is not None, few is not None
    )
    return [Query(text, values) for text in texts]


async def list_conversations(reading: Reading, request: Request) -> Response:
    """A page of conversations, the one with the newest message first unless asked otherwise."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    phone = phones.from_values(values, may_know(request))
    asked = page("conversations", values, _FILTERED_BY, reading.cursor_key, "-last_message_at")
    messages = values.get("messages", MESSAGES_DEFAULT)
    freshness = parameters.freshness(request, values)
    if phone is None:
        answers = await reading.read(queries(asked, messages, None), freshness)
    else:

        def then(found: list[Rows]) -> list[Query]:
            return queries(asked, messages, conversation_lookup.ids(found[0]))

        answers = await reading.read([conversation_lookup.conversations_of(phone)], freshness, then)
    rows, last = answers.rows[-2:]
    shown = cut(asked, rows, ORDERS[asked.sorted_by].names, reading.cursor_key)
    by_conversation: dict[int, list[Message]] = {}
    for row in last:
        by_conversation.setdefault(row["conversation_id"], []).append(message(row))
    now = datetime.now(UTC)
    items = [
        conversation(row, by_conversation.get(row["id"], []), messages, now) for row in shown.rows
    ]
    content: ConversationList = {
        "count": len(items),
        "conversations": items,
        **ends(shown, answers),
        "phone_candidates": None if phone is None else phone.candidates,
    }
    return answer(request, content, answers, links(request, shown))
