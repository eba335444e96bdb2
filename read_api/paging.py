"""Pages of a list by keyset: on from a place, either way, whatever is added meanwhile."""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString, NamedTuple
from urllib.parse import urlencode

from psycopg.rows import DictRow
from psycopg.sql import SQL
from starlette.requests import Request

from read_api import cursor
from read_api.cursor import Key, Place
from read_api.parameters import LIMIT_DEFAULT


class Order(NamedTuple):
    """Fragments of a statement: `after` compares with the place, `by` sorts."""

    after: SQL
    by: SQL


class Page(NamedTuple):
    """Which part of a list is asked for: filters, order, place and number of rows."""

    thing: str
    sort: str
    filters: Mapping[str, object]
    place: Place | None
    limit: int

    @property
    def descending(self) -> bool:
        """How the rows are to be read; a page backwards is read against the list's order."""
        backwards = self.place is not None and self.place.direction == "prev"
        return self.sort.startswith("-") != backwards

    def parameters(self) -> dict[str, Any]:
        """One row more than the page has: it says whether the list goes on."""
        place = {} if self.place is None else {"at": self.place.key.at, "id": self.place.key.id}
        return {"rows": self.limit + 1, **place}


class Cut(NamedTuple):
    """A page's rows in the list's order, and the cursors to the pages beside it."""

    rows: list[DictRow]
    next_cursor: str | None
    prev_cursor: str | None
    has_more: bool


def page(
    thing: str, values: Mapping[str, Any], filters: Sequence[str], secret: bytes, sort: str
) -> Page:
    """The page of things that the parameters ask for; `sort` is the order when they name none.

    Raises CursorMismatch when the cursor was made for another list, other filters or another
    order.
    """
    chosen = {name: values[name] for name in filters if name in values}
    sort = values.get("sort", sort)
    word = values.get("cursor")
    place = None if word is None else cursor.decode(word, _order(thing, sort), chosen, secret)
    return Page(thing, sort, chosen, place, values.get("limit", LIMIT_DEFAULT))


def _order(thing: str, sort: str) -> str:
    return f"{sort} of {thing}"


def fragment_names(filters: Mapping[str, object], known: Mapping[str, SQL]) -> tuple[str, ...]:
    """Which fragments the filters choose; a filter that is true or false has one for each."""
    words = {True: "true", False: "false"}
    names = (f"{n}={words[v]}" if isinstance(v, bool) else n for n, v in filters.items())
    return tuple(sorted(name for name in names if name in known))


def cut(page: Page, found: Sequence[DictRow], time_key: LiteralString, secret: bytes) -> Cut:
    """Make a page of the rows found, which are in reading order and may be one too many."""
    goes_on = len(found) > page.limit
    rows = list(found[: page.limit])
    backwards = page.place is not None and page.place.direction == "prev"
    if backwards:
        rows.reverse()
    # We know that there is something where we come from, and `goes_on` says it of where we go.
    more = bool(rows) and (goes_on or backwards)
    before = bool(rows) and (goes_on if backwards else page.place is not None)

    def word(direction: cursor.Direction, row: DictRow) -> str:
        place = Place(direction, Key(row[time_key], row["id"]))
        return cursor.encode(place, _order(page.thing, page.sort), page.filters, secret)

    return Cut(
        rows,
        next_cursor=word("next", rows[-1]) if more else None,
        prev_cursor=word("prev", rows[0]) if before else None,
        has_more=more,
    )


def links(request: Request, cut: Cut) -> dict[str, str]:
    """The Link header (RFC 8288) to the pages beside this one."""
    items = [(name, text) for name, text in request.query_params.multi_items() if name != "cursor"]
    found = [
        f'<{request.url.path}?{urlencode([*items, ("cursor", word)])}>; rel="{relation}"'
        for relation, word in (("next", cut.next_cursor), ("prev", cut.prev_cursor))
        if word is not None
    ]
    return {"Link": ", ".join(found)} if found else {}
