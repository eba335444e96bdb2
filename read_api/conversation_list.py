"""GET conversations/: each with its last messages."""

from datetime import UTC, datetime
from functools import lru_cache

from psycopg.sql import SQL, Composed
from starlette.requests import Request
from starlette.responses import Response

from read_api import conversation_filters, conversation_lookup, parameters, phones
from read_api.answers import answer, ends
from read_api.conversation_filters import FILTERS, ORDERS, SORTS, bounds, chosen, meant
from read_api.conversation_rows import conversation
from read_api.masking import may_know
from read_api.message_rows import COLUMNS, JOINS, message
from read_api.models.conversation import ConversationList
from read_api.models.message import Message
from read_api.paging import Page, cut, links, page
from read_api.reading import Query, Reading, Rows

MESSAGES_DEFAULT = 10

MESSAGES = parameters.whole_number(0, MESSAGES_DEFAULT).about("How many, the newest.")

PARAMETERS: dict[str, parameters.Parser] = {
    **conversation_filters.PARAMETERS,
    "tz": parameters.zone,
    "messages": MESSAGES,
    "sort": parameters.one_of(*SORTS),
    "limit": parameters.limit,
    "cursor": parameters.cursor,
    **parameters.FRESHNESS,
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
       c.last_message_id, c.last_incoming_at, c.waiting_since, c.failed_count, c.assignee, c.state,
       c.snoozed_until, c.labels, c.marked_unread, c.customer_email, c.display_name, c.external_id,
       c.attributes, c.notes_count, c.unread, c.name, greatest(c.last_id, c.said_id) as changed_id,
       coalesce(c.last_incoming_at, '1970-01-01 UTC') as window_key,
       coalesce(c.waiting_since, '9999-01-01 UTC') as waiting_key, written.notes
  from ({page}) page
  join conversations c on c.id = page.id
 cross join lateral (
       select string_agg(n.body, e'\\n\\n' order by n.id) as notes
         from notes n
        where n.conversation_id = c.id and n.deleted_at is null) written
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
    names: tuple[str, ...], sort: str, descending: bool, placed: bool, by_phone: bool
) -> tuple[Composed, Composed]:
    """The page, and the last messages of the conversations on it."""
    order = ORDERS[sort]
    fragments: list[SQL | Composed] = [FILTERS[name] for name in names]
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


def queries(asked: Page, messages: int, few: list[int] | None, now: datetime) -> list[Query]:
    """One message at least: what a conversation's last one was is always told."""
    values = {
        **asked.filters,
        **asked.parameters(),
        **bounds(now),
        "conversations": few,
        "messages": max(messages, 1),
    }
    texts = statements(
        chosen(asked.filters),
        asked.sorted_by,
        asked.descending,
        asked.place is not None,
        few is not None,
    )
    return [Query(text, values) for text in texts]


async def list_conversations(reading: Reading, request: Request) -> Response:
    """A page of conversations, the one with the newest message first unless asked otherwise."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    parameters.half_open(values, "from", "to")
    values = meant(request, values)
    phone = phones.from_values(values, may_know(request))
    asked = page(
        "conversations",
        values,
        tuple(conversation_filters.PARAMETERS),
        reading.cursor_key,
        "-last_message_at",
    )
    messages = values.get("messages", MESSAGES_DEFAULT)
    freshness = parameters.freshness(request, values)
    now = datetime.now(UTC)
    if phone is None:
        answers = await reading.read(queries(asked, messages, None, now), freshness)
    else:

        def then(found: list[Rows]) -> list[Query]:
            return queries(asked, messages, conversation_lookup.ids(found[0]), now)

        answers = await reading.read([conversation_lookup.conversations_of(phone)], freshness, then)
    rows, last = answers.rows[-2:]
    shown = cut(asked, rows, ORDERS[asked.sorted_by].names, reading.cursor_key)
    by_conversation: dict[int, list[Message]] = {}
    for row in last:
        by_conversation.setdefault(row["conversation_id"], []).append(message(row))
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
