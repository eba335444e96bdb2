"""GET customers/: people, each on one business number."""

from functools import lru_cache

from psycopg.sql import SQL, Composed
from starlette.requests import Request
from starlette.responses import Response

from read_api import conversation_lookup, parameters, phones, words
from read_api.answers import ends, listed
from read_api.customer_names import conversations_named
from read_api.customer_rows import CUSTOMERS, listed_customer
from read_api.fields import fields_of, selected
from read_api.masking import may_know
from read_api.models.customer import CustomerList, ListedCustomer
from read_api.paging import Column, Order, Page, cut, fragment_names, links, page
from read_api.parser import Parser
from read_api.reading import Query, Reading, Rows
from read_api.totals import CAPPED, counting, rows_max, total

PARAMETERS: dict[str, Parser] = {
    "q": words.query.about(
        "Words of a name they have or had; who may know numbers can give a part of one."
    ),
    "phone": phones.digits,
    "phone_match": parameters.one_of(*phones.MATCHES),
    "external_id": parameters.word.about("Theirs in another database."),
    "phone_number_id": parameters.phone_number_id,
    "sort": parameters.one_of("-last_message_at", "last_message_at"),
    "total": CAPPED,
    "fields": fields_of(ListedCustomer),
    "limit": parameters.limit,
    "cursor": parameters.cursor,
    **parameters.FRESHNESS,
}
_FILTERED_BY = ("q", "phone", "phone_match", "external_id", "phone_number_id")

FILTERS: dict[str, SQL] = {
    "external_id": SQL("c.external_id = %(external_id)s"),
    "phone_number_id": SQL("c.phone_number_id = %(phone_number_id)s"),
}

ORDER = Order((Column("last_message_at", SQL("c.last_message_at")),), SQL("c.id"))

PAGE = SQL("""
    select c.id
      from conversations c
     where c.group_id is null and {where}
     {by}
     limit %(rows)s
""")


@lru_cache(maxsize=16)
def statement(chosen: tuple[str, ...], descending: bool, placed: bool, among: bool) -> Composed:
    by = ORDER.by(descending)
    return CUSTOMERS.format(page=_page(chosen, descending, placed, among), by=by)


@lru_cache(maxsize=8)
def total_statement(chosen: tuple[str, ...], among: bool) -> Composed:
    return counting(_page(chosen, False, False, among))


def _page(chosen: tuple[str, ...], descending: bool, placed: bool, among: bool) -> Composed:
    fragments: list[SQL | Composed] = [FILTERS[name] for name in chosen]
    if placed:
        fragments.append(ORDER.after(descending))
    if among:
        fragments.append(SQL("c.id = any(%(conversations)s)"))
    where = SQL(" and ").join(fragments) if fragments else SQL("true")
    return PAGE.format(where=where, by=ORDER.by(descending))


def query(asked: Page, few: list[int] | None) -> Query:
    """The page, of the few conversations that were found before if it is not of all."""
    chosen = fragment_names(asked.filters, FILTERS)
    values = {**asked.filters, **asked.parameters(), "conversations": few}
    placed = asked.place is not None
    return Query(statement(chosen, asked.descending, placed, few is not None), values)


def total_query(asked: Page, few: list[int] | None) -> Query:
    chosen = fragment_names(asked.filters, FILTERS)
    values = rows_max({**asked.filters, "conversations": few})
    return Query(total_statement(chosen, few is not None), values)


async def list_customers(reading: Reading, request: Request) -> Response:
    """A page of customers, whoever wrote or was written to last first unless asked otherwise."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    phone = phones.from_values(values, may_know(request))
    asked = page("customers", values, _FILTERED_BY, reading.cursor_key, "-last_message_at")
    named = [conversations_named(values["q"], may_know(request))] if "q" in values else []
    of_phone = [conversation_lookup.conversations_of(phone)] if phone is not None else []

    def then(found: list[Rows]) -> list[Query]:
        few = [conversation_lookup.ids(rows) for rows in found[len(named) :]]
        if named:
            few.append(conversation_lookup.ids(found[0], "q"))
        among = sorted(set.intersection(*map(set, few))) if few else None
        counts = [total_query(asked, among)] if "total" in values else []
        return [query(asked, among), *counts]

    freshness = parameters.freshness(request, values)
    before = [*named, *of_phone]
    answers = await reading.read(before, freshness, then)
    rows, *counted = answers.rows[len(before) :]
    shown = cut(asked, rows, ORDER.key, reading.cursor_key)
    customers = [listed_customer(row) for row in shown.rows]
    content: CustomerList = {
        "count": len(customers),
        "customers": selected(customers, values.get("fields")),
        **ends(shown, answers),
        **total(counted[0] if counted else None),
        "phone_candidates": None if phone is None else phone.candidates,
    }
    return listed(request, content, answers, links(request, shown))
