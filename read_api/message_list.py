"""GET messages/: the statement that its filters and its order make, and the answer."""

from collections.abc import Sequence
from functools import lru_cache

from psycopg.sql import SQL, Composed
from starlette.requests import Request
from starlette.responses import Response

from read_api import conversation_lookup, parameters, phones
from read_api.answers import answer, ends
from read_api.masking import may_know
from read_api.message_rows import COLUMNS, JOINS, message
from read_api.models.message import MessageList
from read_api.paging import Column, Order, Page, cut, fragment_names, links, page
from read_api.reading import Query, Reading, Rows

TOTAL_MAX = 10_000

PARAMETERS: dict[str, parameters.Parser] = {
    "phone": phones.digits,
    "phone_match": parameters.one_of(*phones.MATCHES),
    "type": parameters.word.about("text, image, …: Meta's word, a new one too."),
    "conversation": parameters.position.about("Its id, also one from before a merge."),
    "phone_number_id": parameters.phone_number_id,
    "direction": parameters.one_of("in", "out"),
    "status": parameters.one_of(
        "received",
        "replied",
        "accepted",
        "sent",
        "delivered",
        "read",
        "played",
        "failed",
        "deleted",
    )
    .about("Of incoming messages received, read, replied; the others of outgoing ones.")
    .several(),
    "error_code": parameters.error_code,
    "from": parameters.moment,
    "to": parameters.moment,
    "received_from": parameters.moment,
    "received_to": parameters.moment,
    "tz": parameters.zone,
    "unread": parameters.yes_or_no,
    "has_media": parameters.yes_or_no,
    "sort": parameters.one_of("-timestamp", "timestamp"),
    "total": parameters.one_of("capped"),
    "limit": parameters.limit,
    "cursor": parameters.cursor,
    **parameters.FRESHNESS,
}

# Times are compared as the list is ordered: one in the future counts as the time received. A
# message received before some time is sorted before it too, which lets an index help.
FILTERS: dict[str, SQL] = {
    "type": SQL("m.message_type = %(type)s"),
    "phone_number_id": SQL("m.phone_number_id = %(phone_number_id)s"),
    "direction": SQL("m.direction = %(direction)s"),
    "status": SQL("m.status = any(%(status)s)"),
    "error_code": SQL("m.error_code = %(error_code)s"),
    "from": SQL("m.sorted_at >= %(from)s"),
    "to": SQL("m.sorted_at < %(to)s"),
    "received_from": SQL("m.received_at >= %(received_from)s"),
    "received_to": SQL("m.received_at < %(received_to)s and m.sorted_at < %(received_to)s"),
    "unread=true": SQL("m.direction = 'in' and not m.read"),
    "unread=false": SQL("not (m.direction = 'in' and not m.read)"),
    "has_media=true": SQL("m.media is not null"),
    "has_media=false": SQL("m.media is null"),
}
_FILTERED_BY = (
    "phone", "phone_match", "type", "conversation", "phone_number_id", "direction", "status",
    "error_code", "from", "to", "received_from", "received_to", "unread", "has_media",
)  # fmt: skip

ORDERS: dict[str, Order] = {
    "timestamp": Order((Column("sorted_at", SQL("m.sorted_at")),), SQL("m.id")),
}

OF_ALL = SQL("""
    select m.id, m.sorted_at
      from messages m
     where {where}
     {by}
     limit %(rows)s
""")

# A few of each conversation and then the newest of those: looking along the time for messages of
# one conversation would read the whole table when it has been silent for long.
OF_CONVERSATIONS = SQL("""
    select m.id, m.sorted_at
      from unnest(%(conversations)s::bigint[]) as wanted(conversation_id)
     cross join lateral (
           select m.id, m.sorted_at
             from messages m
            where m.conversation_id = wanted.conversation_id and {where}
            {by}
            limit %(rows)s) m
     {by}
     limit %(rows)s
""")

MESSAGES = SQL("""
select {columns}
  from ({page}) page
  join messages m on m.id = page.id
  {joins}
 {by}
""")

TOTAL = SQL("""
select count(*) as total
  from (select from messages m where {where} limit %(most)s) counted
""")


@lru_cache(maxsize=256)
def statement(
    chosen: tuple[str, ...], sort: str, descending: bool, placed: bool, few: bool
) -> Composed:
    """The page's statement; `few` when the conversations are given."""
    order = ORDERS[sort]
    fragments: list[SQL | Composed] = [FILTERS[name] for name in chosen]
    if placed:
        fragments.append(order.after(descending))
    inner = (OF_CONVERSATIONS if few else OF_ALL).format(
        where=_all(fragments), by=order.by(descending)
    )
    return MESSAGES.format(
        columns=SQL(COLUMNS), page=inner, joins=SQL(JOINS), by=order.by(descending)
    )


@lru_cache(maxsize=256)
def total_statement(chosen: tuple[str, ...], few: bool) -> Composed:
    """Counts no further than a caller wants to know."""
    fragments = [FILTERS[name] for name in chosen]
    if few:
        fragments.append(SQL("m.conversation_id = any(%(conversations)s)"))
    return TOTAL.format(where=_all(fragments))


def _all(fragments: Sequence[SQL | Composed]) -> Composed | SQL:
    return SQL(" and ").join(fragments) if fragments else SQL("true")


def queries(asked: Page, total: bool, few: list[int] | None) -> list[Query]:
    """The page and, if it is wanted, the total; `few` are the conversations to look in."""
    chosen = fragment_names(asked.filters, FILTERS)
    values = {**asked.filters, "conversations": few, "most": TOTAL_MAX + 1, **asked.parameters()}
    text = statement(
        chosen, asked.sorted_by, asked.descending, asked.place is not None, few is not None
    )
    found = [Query(text, values)]
    if total:
        found.append(Query(total_statement(chosen, few is not None), values))
    return found


async def list_messages(reading: Reading, request: Request) -> Response:
    """A page of messages, newest first unless asked otherwise."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    parameters.half_open(values, "from", "to")
    parameters.half_open(values, "received_from", "received_to")
    phone = phones.from_values(values, may_know(request))
    asked = page("messages", values, _FILTERED_BY, reading.cursor_key, "-timestamp")
    total = "total" in values
    before = conversation_lookup.lookups(values, phone)

    def then(found: list[Rows]) -> list[Query]:
        return queries(asked, total, conversation_lookup.of_all(found))

    answers = await reading.read(
        before or queries(asked, total, None),
        parameters.freshness(request, values),
        then if before else None,
    )
    rows = answers.rows[len(before) :]
    shown = cut(asked, rows[0], ORDERS[asked.sorted_by].names, reading.cursor_key)
    items = [message(row) for row in shown.rows]
    counted = rows[1][0]["total"] if total else None
    content: MessageList = {
        "count": len(items),
        "messages": items,
        **ends(shown, answers),
        "total": None if counted is None else min(counted, TOTAL_MAX),
        "total_is_capped": None if counted is None else counted > TOTAL_MAX,
        "phone_candidates": None if phone is None else phone.candidates,
    }
    return answer(request, content, answers, links(request, shown))
