"""GET statuses/: every change of every message's status, newest first."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed
from starlette.requests import Request
from starlette.responses import Response

from read_api import conversation_lookup, parameters, phones
from read_api.answers import ends, listed
from read_api.fields import fields_of, selected
from read_api.masking import may_know
from read_api.message_rows import milliseconds, seconds
from read_api.models.status import Status, StatusError, StatusList
from read_api.paging import Column, Order, Page, cut, fragment_names, links, page
from read_api.reading import Query, Reading, Rows
from read_api.totals import CAPPED, counting, rows_max, total

PARAMETERS: dict[str, parameters.Parser] = {
    "message_id": parameters.word.about("Meta's id of the message (a wamid)."),
    "phone": phones.digits,
    "phone_match": parameters.one_of(*phones.MATCHES),
    "phone_number_id": parameters.phone_number_id,
    # Not a closed list: Meta's word is kept also where it is a new one.
    "status": parameters.word.about("sent, delivered, …, verbatim.").several(),
    "error_code": parameters.error_code,
    "from": parameters.moment,
    "to": parameters.moment,
    "tz": parameters.zone,
    "sort": parameters.one_of("-timestamp", "timestamp"),
    "total": CAPPED,
    "fields": fields_of(Status),
    "limit": parameters.limit,
    "cursor": parameters.cursor,
    **parameters.FRESHNESS,
}
_FILTERED_BY = (
    "message_id", "phone", "phone_match", "phone_number_id", "status", "error_code", "from", "to",
)  # fmt: skip

FILTERS: dict[str, SQL] = {
    "message_id": SQL("s.message_id = %(message_id)s"),
    "phone_number_id": SQL("s.phone_number_id = %(phone_number_id)s"),
    "status": SQL("s.status = any(%(status)s)"),
    # Of one alone an index of the unusual ones has the list's order.
    "status=one": SQL("s.status = (%(status)s::text[])[1]"),
    "error_code": SQL("s.error_code = %(error_code)s"),
    "from": SQL("s.sorted_at >= %(from)s"),
    "to": SQL("s.sorted_at < %(to)s"),
}

ORDERS: dict[str, Order] = {
    "timestamp": Order((Column("sorted_at", SQL("s.sorted_at")),), SQL("s.id")),
}

COLUMNS = SQL("""
       s.id, s.message_id, s.phone_number_id, s.status, s.participant, s.recipient_number,
       s.recipient_user_id, s.group_id, s."timestamp", s.received_at, s.sorted_at, s.error_code,
       s.error_title, s.error_message, s.error_details, s.errors, s.pricing, s.conversation,
       s.callback_data
""")

OF_ALL = SQL("""
select {columns}
  from statuses s
 where {where}
 {by}
 limit %(rows)s
""")

# A few of each number and then the newest of those, as with messages of conversations.
OF_NUMBERS = SQL("""
select {columns}
  from unnest(%(numbers)s::text[]) as wanted(number)
 cross join lateral (
       select {columns}
         from statuses s
        where s.recipient_number = wanted.number and {where}
        {by}
        limit %(rows)s) s
 {by}
 limit %(rows)s
""")


@lru_cache(maxsize=256)
def statement(
    names: tuple[str, ...], sort: str, descending: bool, placed: bool, of_numbers: bool
) -> Composed:
    """The page's statement; `of_numbers` when the recipients are given."""
    order = ORDERS[sort]
    fragments: list[SQL | Composed] = [FILTERS[name] for name in names]
    if placed:
        fragments.append(order.after(descending))
    where = SQL(" and ").join(fragments) if fragments else SQL("true")
    text = OF_NUMBERS if of_numbers else OF_ALL
    return text.format(columns=COLUMNS, where=where, by=order.by(descending))


def chosen(filters: Mapping[str, Any]) -> tuple[str, ...]:
    """Which of FILTERS the values choose."""
    names = fragment_names(filters, FILTERS)
    one = len(filters.get("status", ())) == 1
    return tuple("status=one" if one and name == "status" else name for name in names)


def query(asked: Page, numbers: list[str] | None) -> Query:
    text = statement(
        chosen(asked.filters),
        asked.sorted_by,
        asked.descending,
        asked.place is not None,
        numbers is not None,
    )
    return Query(text, {**asked.filters, **asked.parameters(), "numbers": numbers})


def total_query(asked: Page, numbers: list[str] | None) -> Query:
    names = chosen(asked.filters)
    text = counting(statement(names, asked.sorted_by, True, False, numbers is not None))
    return Query(text, rows_max({**asked.filters, "numbers": numbers}))


async def list_statuses(reading: Reading, request: Request) -> Response:
    """A page of status changes, newest first unless asked otherwise."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    parameters.half_open(values, "from", "to")
    phone = phones.from_values(values, may_know(request))
    asked = page("statuses", values, _FILTERED_BY, reading.cursor_key, "-timestamp")
    freshness = parameters.freshness(request, values)
    before = []
    if phone is not None and phone.match == "suffix":
        before.append(conversation_lookup.numbers_of(phone))

    def then(found: list[Rows]) -> list[Query]:
        numbers = None if phone is None else phone.candidates
        if found:
            numbers = conversation_lookup.numbers(found[0])
        counts = [total_query(asked, numbers)] if "total" in values else []
        return [query(asked, numbers), *counts]

    answers = await reading.read(before, freshness, then)
    found, *counted = answers.rows[len(before) :]
    shown = cut(asked, found, ORDERS[asked.sorted_by].key, reading.cursor_key)
    rows = [status(row) for row in shown.rows]
    content: StatusList = {
        "count": len(rows),
        "statuses": selected(rows, values.get("fields")),
        **ends(shown, answers),
        **total(counted[0] if counted else None),
        "phone_candidates": None if phone is None else phone.candidates,
    }
    return listed(request, content, answers, links(request, shown))


def status(row: DictRow) -> Status:
    """The status change as in a list. The seed's flat keys come first."""
    return {
        "id": row["id"],
        "message_id": row["message_id"],
        "recipient_number": row["recipient_number"],
        "status": row["status"],
        "timestamp": seconds(row["timestamp"]),
        "error_code": row["error_code"],
        "error_message": row["error_message"] or row["error_title"],
        "recipient_user_id": row["recipient_user_id"],
        "group_id": row["group_id"],
        "participant": row["participant"] or None,
        "phone_number_id": row["phone_number_id"],
        "received_at": milliseconds(row["received_at"]),
        "position": row["id"],
        "error": status_error(row),
        "pricing": row["pricing"],
        "conversation": row["conversation"],
        "callback_data": row["callback_data"],
    }


def status_error(row: DictRow) -> StatusError | None:
    """The first error of a status, as Meta words it."""
    if row["error_code"] is None and row["error_title"] is None:
        return None
    first = (row["errors"] or [{}])[0]
    return {
        "code": row["error_code"],
        "title": row["error_title"],
        "message": row["error_message"],
        "details": row["error_details"],
        "href": first.get("href"),
    }
