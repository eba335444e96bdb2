"""GET conversations/: each with its last messages."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from psycopg.sql import SQL, Composable, Composed
from starlette.requests import Request
from starlette.responses import Response

from read_api import (
    conversation_filters,
    conversation_lookup,
    conversation_search,
    parameters,
    phones,
)
from read_api.answers import ends, listed
from read_api.conversation_filters import FILTERS, ORDERS, SORTS, bounds, chosen, meant
from read_api.conversation_rows import conversation
from read_api.conversation_search import Wanted
from read_api.errors import InvalidParameter
from read_api.fields import fields_of, selected
from read_api.masking import may_know
from read_api.message_list import reach_search
from read_api.message_rows import COLUMNS, JOINS, message, messages_query
from read_api.models.conversation import Conversation, ConversationList
from read_api.models.message import Message
from read_api.paging import Page, cut, links, page
from read_api.reading import Query, Reading, Rows
from read_api.totals import CAPPED, counting, rows_max, total

MESSAGES_DEFAULT = 10

MESSAGES = parameters.whole_number(0, MESSAGES_DEFAULT).about("How many, the newest.")

PARAMETERS: dict[str, parameters.Parser] = {
    **conversation_filters.PARAMETERS,
    "tz": parameters.zone,
    "messages": MESSAGES,
    "sort": parameters.one_of(*SORTS),
    "total": CAPPED,
    "fields": fields_of(Conversation),
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


def condition(
    names: tuple[str, ...], sort: str, descending: bool, placed: bool, among: bool
) -> Composable:
    """What holds for every conversation on the page; `among` when some are given."""
    fragments: list[Composable] = [FILTERS[name] for name in names]
    if placed:
        fragments.append(ORDERS[sort].after(descending))
    if among:
        fragments.append(SQL("c.id = any(%(conversations)s)"))
    return SQL(" and ").join(fragments) if fragments else SQL("true")


@lru_cache(maxsize=256)
def statements(
    names: tuple[str, ...],
    sort: str,
    descending: bool,
    placed: bool,
    among: bool,
    matching: tuple[int, bool] | None = None,
) -> tuple[Composed, Composed]:
    """The page, and the last messages of the conversations on it."""
    order = ORDERS[sort]
    where = condition(names, sort, descending, placed, among)
    if matching is not None:
        where = SQL("{} and {}").format(where, conversation_search.matches(*matching))
    inner = PAGE.format(where=where, by=order.by(descending))
    return (
        CONVERSATIONS.format(page=inner, by=order.by(descending)),
        LAST_MESSAGES.format(columns=SQL(COLUMNS), page=inner, joins=SQL(JOINS)),
    )


@lru_cache(maxsize=256)
def total_statement(
    names: tuple[str, ...], sort: str, among: bool, matching: tuple[int, bool] | None = None
) -> Composed:
    """As many as there are, whatever page of them is asked for."""
    where = condition(names, sort, False, False, among)
    if matching is not None:
        where = SQL("{} and {}").format(where, conversation_search.matches(*matching))
    return counting(PAGE.format(where=where, by=ORDERS[sort].by(False)))


def total_query(
    asked: Page, few: list[int] | None, now: datetime, wanted: Wanted | None = None
) -> Query:
    """As `queries` does, but of `few` all that match have to be named."""
    found = {} if wanted is None else wanted.values()
    values = {**asked.filters, **found, **bounds(now), "conversations": few}
    matching = None if wanted is None else (len(wanted.words), wanted.in_numbers)
    text = total_statement(chosen(asked.filters), asked.sorted_by, few is not None, matching)
    return Query(text, rows_max(values))


def queries(
    asked: Page,
    messages: int,
    few: list[int] | None,
    now: datetime,
    wanted: Wanted | None = None,
) -> list[Query]:
    """One message at least: what a conversation's last one was is always told.

    With words that are `wanted` each conversation in the list's order is looked through for them.
    """
    values = {
        **asked.filters,
        **(wanted.values() if wanted else {}),
        **asked.parameters(),
        **bounds(now),
        "conversations": few,
        "messages": max(messages, 1),
    }
    conversations, last = statements(
        chosen(asked.filters),
        asked.sorted_by,
        asked.descending,
        asked.place is not None,
        few is not None,
        None if wanted is None else (len(wanted.words), wanted.in_numbers),
    )
    return [Query(conversations, values), messages_query(last, values)]


def search(asked: Page, wanted: Wanted, now: datetime) -> list[Query]:
    """Those that match among the first, and all that match if they are not too many."""
    shape = chosen(asked.filters), asked.sorted_by, asked.descending, asked.place is not None
    where = condition(*shape, False)
    order = ORDERS[asked.sorted_by]
    walk = conversation_search.walked(wanted, where, order, asked.descending)
    values = {**asked.filters, **asked.parameters(), **bounds(now), **wanted.values()}
    return [Query(walk, values), conversation_search.found_query(wanted)]


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
    wanted = _wanted(values, may_know(request))
    before = [] if phone is None else [conversation_lookup.conversations_of(phone)]
    if wanted is not None:
        await reach_search(reading, freshness)
        before += [] if before else search(asked, wanted, now)

    def then(found: list[Rows]) -> list[Query]:
        # Few are looked through each; else the index has found all that match, or too many.
        few = None if phone is None else conversation_lookup.ids(found[0])
        words = wanted
        if wanted is not None and few is None:
            few = conversation_search.few(found[-1])
            words = wanted if few is None else None
        counts = [total_query(asked, few, now, words)] if "total" in values else []
        if wanted is not None and phone is None and len(found[-2]) > asked.limit:
            few, words = [row["id"] for row in found[-2]], None
        return [*queries(asked, messages, few, now, words), *counts]

    answers = await reading.read(before, freshness, then)
    rows, last, *counted = answers.rows[len(before) :]
    shown = cut(asked, rows, ORDERS[asked.sorted_by].key, reading.cursor_key)
    by_conversation: dict[int, list[Message]] = {}
    for row in last:
        by_conversation.setdefault(row.conversation_id, []).append(message(row))
    items = [
        conversation(row, by_conversation.get(row["id"], []), messages, now) for row in shown.rows
    ]
    content: ConversationList = {
        "count": len(items),
        "conversations": selected(items, values.get("fields")),
        **ends(shown, answers),
        **total(counted[0] if counted else None),
        "phone_candidates": None if phone is None else phone.candidates,
    }
    return listed(request, content, answers, links(request, shown))


def _wanted(values: dict[str, Any], in_numbers: bool) -> Wanted | None:
    if "q" in values:
        return conversation_search.wanted(values["q"], values.get("q_mode", "all"), in_numbers)
    if "q_mode" in values:
        raise InvalidParameter("q_mode", "says how to look for q, which is missing")
    return None
