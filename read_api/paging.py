"""Pages of a list by keyset: on from a place, either way, whatever is added meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder
from starlette.requests import Request

from read_api import cursor
from read_api.cursor import Place
from read_api.parameters import LIMIT_DEFAULT
from read_api.reading import Rows


class Column(NamedTuple):
    """One of the values that a list is ordered by: its name in the rows found, and what it is.

    The expression is never null. Where something can be missing it says what stands in for it
    (`coalesce`), and that column has to be in the rows as the expression gives it: then a place
    in the list is a plain comparison, which an index on the expressions answers.
    """

    name: str
    expression: Composable


class Order(NamedTuple):
    """What a list is ordered by: its columns, then the id, all of them in the same direction."""

    columns: tuple[Column, ...]
    id: Composable

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def key(self, row: Mapping[str, Any]) -> cursor.Key:
        """A row's place in the list."""
        return (*(row[name] for name in self.names), row["id"])

    def keys(self) -> Composed:
        """The values of a row's place as columns, for a query around this one."""
        return SQL(", ").join(
            SQL("{} as {}").format(expression, Identifier(key_name(n)))
            for n, expression in enumerate(self._expressions())
        )

    def key_columns(self) -> Composed:
        return SQL(", ").join(self._expressions())

    def of_keys(self, table: str) -> "Order":
        """The same order of a table that has `keys` as columns."""
        *keys, last = (Identifier(table, key_name(n)) for n in range(len(self.columns) + 1))
        columns = zip(self.names, keys, strict=True)
        return Order(tuple(Column(name, key) for name, key in columns), last)

    def after(self, descending: bool) -> Composed:
        """The condition for rows that are to be read after the place of the page."""
        keys = (Placeholder(key_name(n)) for n in range(len(self.columns) + 1))
        return SQL("({}) {} ({})").format(
            SQL(", ").join(self._expressions()),
            SQL("<" if descending else ">"),
            SQL(", ").join(keys),
        )

    def by(self, descending: bool) -> Composed:
        way = SQL(" desc" if descending else "")
        return SQL("order by ") + SQL(", ").join(each + way for each in self._expressions())

    def _expressions(self) -> tuple[Composable, ...]:
        return (*(column.expression for column in self.columns), self.id)


def key_name(number: int) -> str:
    """The parameter that has a value of the place's key."""
    return f"key_{number}"


class Page(NamedTuple):
    """Which part of a list is asked for: filters, order, place and number of rows."""

    thing: str
    sort: str
    filters: Mapping[str, object]
    place: Place | None
    limit: int

    @property
    def sorted_by(self) -> str:
        """The name of the order, which is the same both ways."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        """How the rows are to be read; a page backwards is read against the list's order."""
        backwards = self.place is not None and self.place.direction == "prev"
        return self.sort.startswith("-") != backwards

    def parameters(self) -> dict[str, Any]:
        """One row more than the page has: it says whether the list goes on."""
        key = () if self.place is None else self.place.key
        return {"rows": self.limit + 1, **{key_name(n): value for n, value in enumerate(key)}}


class Cut(NamedTuple):
    """A page's rows in the list's order, and the cursors to the pages beside it."""

    rows: Rows
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
    place = None if word is None else cursor.decode(word, order_name(thing, sort), chosen, secret)
    return Page(thing, sort, chosen, place, values.get("limit", LIMIT_DEFAULT))


def order_name(thing: str, sort: str) -> str:
    """What a cursor is bound to, beside the filters."""
    return f"{sort} of {thing}"


def fragment_names(
    filters: Mapping[str, object], known: Mapping[str, Composable]
) -> tuple[str, ...]:
    """Which fragments the filters choose; a filter that is true or false has one for each."""
    words = {True: "true", False: "false"}
    names = (f"{n}={words[v]}" if isinstance(v, bool) else n for n, v in filters.items())
    return tuple(sorted(name for name in names if name in known))


def cut(page: Page, found: Rows, key: Callable[[Any], cursor.Key], secret: bytes) -> Cut:
    """Make a page of the rows found, which are in reading order and may be one too many.

    `key` gives a row's place in the list: what it is ordered by, the id last.
    """
    goes_on = len(found) > page.limit
    rows = list(found[: page.limit])
    backwards = page.place is not None and page.place.direction == "prev"
    if backwards:
        rows.reverse()
    # We know that there is something where we come from, and `goes_on` says it of where we go.
    more = bool(rows) and (goes_on or backwards)
    before = bool(rows) and (goes_on if backwards else page.place is not None)

    def word(direction: cursor.Direction, row: Any) -> str:
        place = Place(direction, key(row))
        return cursor.encode(place, order_name(page.thing, page.sort), page.filters, secret)

    return Cut(
        rows,
        next_cursor=word("next", rows[-1]) if more else None,
        prev_cursor=word("prev", rows[0]) if before else None,
        has_more=more,
    )


def links(request: Request, cut: Cut) -> dict[str, str]:
    """The Link header (RFC 8288) to the pages beside this one."""
    items = [(name, text) for name, text in request.query_params.multi_items() if name != "cursor"]
    path = quote(request.scope["path"])
    found = [
        f'<{path}?{urlencode([*items, ("cursor", word)])}>; rel="{relation}"'
        for relation, word in (("next", cut.next_cursor), ("prev", cut.prev_cursor))
        if word is not None
    ]
    return {"Link": ", ".join(found)} if found else {}
