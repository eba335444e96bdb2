"""GET customers/: people, each on one business number."""

from functools import lru_cache

from psycopg.sql import SQL, Composed
from starlette.requests import Request
from starlette.responses import Response

from read_api import conversation_lookup, parameters, phones, words
from read_api.answers import answer, ends
from read_api.customer_rows import CUSTOMERS, listed_customer
from read_api.masking import may_know
from read_api.models.customer import CustomerList
from read_api.paging import Column, Order, Page, cut, fragment_names, links, page
from read_api.parser import Parser
from read_api.reading import Query, Reading, Rows

PARAMETERS: dict[str, Parser] = {
    "q": words.query.about(
        "Words that are all in the names or, for who may know them, in the number and the user id."
    ),
    "phone": phones.digits,
    "phone_match": parameters.one_of(*phones.MATCHES),
    "phone_number_id": parameters.phone_number_id,
    "sort": parameters.one_of("-last_message_at", "last_message_at"),
    "limit": parameters.limit,
    "cursor": parameters.cursor,
    **parameters.FRESHNESS,
}
_FILTERED_BY = ("q", "phone", "phone_match", "phone_number_id")

# Names are few words, which are read one after another in the order of the list until the page is
# full. Who may not know numbers is not told of them by what is found either.
FILTERS: dict[str, SQL] = {
    "phone_number_id": SQL("c.phone_number_id = %(phone_number_id)s"),
    "q": SQL("""
           with_numbers(folded(concat_ws(chr(31), c.contact_name, c.username)))
           like all (array(select pattern(w) from unnest(%(words)s::text[]) as w))"""),
    "q=numbers": SQL("""
           with_numbers(folded(concat_ws(chr(31), c.contact_name, c.username, c.phone_number,
                                         c.user_id)))
           like all (array(select pattern(w) from unnest(%(words)s::text[]) as w))"""),
}

ORDER = Order((Column("last_message_at", SQL("c.last_message_at")),), SQL("c.id"))

PAGE = SQL("""
    select c.id
      from conversations c
     where c.group_id is null and {where}
     {by}
     limit %(rows)s
""")


@lru_cache(maxsize=64)
def statement(
    chosen: tuple[str, ...], descending: bool, placed: bool, by_phone: bool
) -> Composed:
    fragments: list[SQL | Composed] = [FILTERS[name] for name in chosen]
    if placed:
        fragments.append(ORDER.after(descending))
    if by_phone:
        fragments.append(SQL("c.id = any(%(conversations)s)"))
    where = SQL(" and ").join(fragments) if fragments else SQL("true")
    by = ORDER.by(descending)
    return CUSTOMERS.format(page=PAGE.format(where=where, by=by), by=by)


def query(asked: Page, few: list[int] | None, may_know: bool) -> Query:
    chosen = fragment_names(asked.filters, FILTERS)
    if may_know:
        chosen = tuple("q=numbers" if name == "q" else name for name in chosen)
    values = {
        **asked.filters,
        **asked.parameters(),
        "conversations": few,
        "words": words.words(str(asked.filters.get("q", "")), "all"),
    }
    text = statement(chosen, asked.descending, asked.place is not None, few is not None)
    return Query(text, values)


async def list_customers(reading: Reading, request: Request) -> Response:
    """A page of customers, whoever wrote or was written to last first unless asked otherwise."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    knowing = may_know(request)
    phone = phones.from_values(values, knowing)
    asked = page("customers", values, _FILTERED_BY, reading.cursor_key, "-last_message_at")
    freshness = parameters.freshness(request, values)
    if phone is None:
        answers = await reading.read([query(asked, None, knowing)], freshness)
    else:

        def then(found: list[Rows]) -> list[Query]:
            return [query(asked, conversation_lookup.ids(found[0]), knowing)]

        answers = await reading.read([conversation_lookup.conversations_of(phone)], freshness, then)
    shown = cut(asked, answers.rows[-1], ORDER.names, reading.cursor_key)
    customers = [listed_customer(row) for row in shown.rows]
    content: CustomerList = {
        "count": len(customers),
        "customers": customers,
        **ends(shown, answers),
        "phone_candidates": None if phone is None else phone.candidates,
    }
    return answer(request, content, answers, links(request, shown))
