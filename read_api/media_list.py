"""GET media/: the files that messages refer to, newest first; by state, a work list."""

from functools import lru_cache
from typing import get_args

from psycopg.sql import SQL, Composed
from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.answers import ends, listed
from read_api.fields import fields_of, selected
from read_api.media_rows import COLUMNS, media
from read_api.models.media import Media, MediaList, State
from read_api.paging import Column, Order, Page, cut, fragment_names, links, page
from read_api.reading import Query, Reading
from read_api.totals import CAPPED, counting, rows_max, total

PARAMETERS: dict[str, parameters.Parser] = {
    "state": parameters.one_of(*get_args(State)),
    "phone_number_id": parameters.phone_number_id,
    "sort": parameters.one_of("-received_at", "received_at"),
    "limit": parameters.limit,
    "total": CAPPED,
    "fields": fields_of(Media),
    "cursor": parameters.cursor,
    **parameters.FRESHNESS,
}

FILTERS: dict[str, SQL] = {
    "state": SQL("f.state = %(state)s"),
    "phone_number_id": SQL("f.phone_number_id = %(phone_number_id)s"),
}

ORDERS: dict[str, Order] = {
    "received_at": Order((Column("received_at", SQL("f.received_at")),), SQL("f.id")),
}

# A row that only outcomes speak of has no time to be listed by.
LIST = SQL("""
select {columns}
  from media f
 where f.received_at is not null and {where}
 {by}
 limit %(rows)s
""")


@lru_cache(maxsize=64)
def statement(chosen: tuple[str, ...], sort: str, descending: bool, placed: bool) -> Composed:
    """The page's statement."""
    order = ORDERS[sort]
    fragments: list[SQL | Composed] = [FILTERS[name] for name in chosen]
    if placed:
        fragments.append(order.after(descending))
    where = SQL(" and ").join(fragments) if fragments else SQL("true")
    return LIST.format(columns=SQL(COLUMNS), where=where, by=order.by(descending))


def query(asked: Page) -> Query:
    chosen = fragment_names(asked.filters, FILTERS)
    text = statement(chosen, asked.sorted_by, asked.descending, asked.place is not None)
    return Query(text, {**asked.filters, **asked.parameters()})


def total_query(asked: Page) -> Query:
    chosen = fragment_names(asked.filters, FILTERS)
    text = counting(statement(chosen, asked.sorted_by, True, False))
    return Query(text, rows_max({**asked.filters}))


async def list_media(reading: Reading, request: Request) -> Response:
    """A page of files, newest first unless asked otherwise."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    asked = page("media", values, tuple(FILTERS), reading.cursor_key, "-received_at")
    freshness = parameters.freshness(request, values)
    counts = [total_query(asked)] if "total" in values else []
    answers = await reading.read([query(asked), *counts], freshness)
    found, *counted = answers.rows
    shown = cut(asked, found, ORDERS[asked.sorted_by].key, reading.cursor_key)
    rows = [media(row) for row in shown.rows]
    content: MediaList = {
        "count": len(rows),
        "media": selected(rows, values.get("fields")),
        **ends(shown, answers),
        **total(counted[0] if counted else None),
    }
    return listed(request, content, answers, links(request, shown))
