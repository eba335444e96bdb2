"""The statements that a question for messages makes: its page, and how many there are in all.

Each is composed once from closed tables of fragments. The page is cut by the keys first, and only
its rows are looked at whole.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, LiteralString, NamedTuple

from psycopg.sql import SQL, Composable, Literal, Placeholder

from read_api.entering import whole
from read_api.message_filters import FILTERS, ORDERS, WITH_INDEX, chosen
from read_api.message_forms import (
    COUNTED,
    COUNTED_IN_CONVERSATIONS,
    COUNTED_TEXTS,
    FOUND,
    MESSAGES,
    OF_ALL,
    OF_CONVERSATIONS,
    OF_FEW_LEFT,
    SAID,
    SHOWN_WORD,
    TEXT_BOUNDS,
    TEXT_ORDERS,
    TOTAL,
    WALKED,
    WORD,
)
from read_api.message_rows import COLUMNS, JOINS, messages_query
from read_api.paging import Page
from read_api.reading import Query

# A list that no index has in its order is sorted, and a total counted, up to here.
ROWS_MAX = 10_000
# So many texts are read from the page's place on before an index is asked: words that are said
# often are found sooner that way, and what is planned for a rare word takes seconds for them.
WALK_TEXTS = 5_000
WALK_ALL = 2**62

# Whether there is an index that finds words.
INDEXED: LiteralString = "select to_regclass('texts_by_trigram') is not null as indexed"


class Sought(NamedTuple):
    """The words to be found, and whether in numbers too."""

    words: tuple[str, ...]
    in_numbers: bool


class Kind(NamedTuple):
    """What the statement of a page depends on, beside the values."""

    chosen: tuple[str, ...]
    sort: str
    descending: bool
    placed: bool
    in_conversations: bool = False
    words: int = 0
    in_numbers: bool = True
    walked: bool = False
    # Said where nothing else depends on the values: one plan is good for such a page then.
    rows: int | None = None


@lru_cache(maxsize=1024)
def page_statement(kind: Kind) -> SQL:
    """The page, its rows in reading order with the values of their place."""
    order = (TEXT_ORDERS if _by_texts(kind) else ORDERS)[kind.sort]
    keyed = order.of_keys("page")
    if kind.in_conversations:
        form = OF_CONVERSATIONS
    elif kind.words:
        form = WALKED if kind.walked else FOUND
    else:
        form = OF_ALL if kind.sort in WITH_INDEX else OF_FEW_LEFT
    inside = form in (OF_ALL, OF_CONVERSATIONS, WALKED)
    compared = order if inside else keyed
    outer = order.of_keys("m") if form is OF_CONVERSATIONS else keyed
    page = form.format(
        keys=order.keys(),
        names=outer.key_columns(),
        after=compared.after(kind.descending) if kind.placed else SQL("true"),
        by=compared.by(kind.descending),
        by_names=outer.by(kind.descending),
        rows=Placeholder("rows") if kind.rows is None else Literal(kind.rows),
        **_conditions(kind),
    )
    return whole(
        MESSAGES.format(
            columns=SQL(COLUMNS),
            names=keyed.key_columns(),
            page=page,
            joins=SQL(JOINS),
            by=keyed.by(kind.descending),
        )
    )


@lru_cache(maxsize=1024)
def total_statement(kind: Kind) -> SQL:
    """Counts one further than ROWS_MAX and no more."""
    if _by_texts(kind):
        form = COUNTED_TEXTS
    else:
        form = COUNTED_IN_CONVERSATIONS if kind.in_conversations else COUNTED
    return whole(TOTAL.format(page=form.format(**_conditions(kind))))


def _by_texts(kind: Kind) -> bool:
    return kind.words > 0 and not kind.in_conversations


def _conditions(kind: Kind) -> dict[str, Composable]:
    by_texts = _by_texts(kind)
    bounds = [TEXT_BOUNDS[name] for name in kind.chosen if by_texts and name in TEXT_BOUNDS]
    where: list[Composable] = [
        FILTERS[name] for name in kind.chosen if not (by_texts and name in TEXT_BOUNDS)
    ]
    word = WORD if kind.in_numbers else SHOWN_WORD
    words = _all([word.format(word=Placeholder(f"word_{n}")) for n in range(kind.words)])
    if kind.words and not by_texts:
        where.append(SAID.format(words=words))
    return {"where": _all(where), "bounds": _all(bounds), "words": words}


def _all(fragments: Sequence[Composable]) -> Composable:
    return SQL(" and ").join(fragments) if fragments else SQL("true")


class Question(NamedTuple):
    """A page of messages; `few` are the conversations to look in, if not all."""

    page: Page
    sought: Sought | None = None
    few: list[int] | None = None

    @property
    def kind(self) -> Kind:
        return Kind(
            chosen(self.page.filters),
            self.page.sorted_by,
            self.page.descending,
            self.page.place is not None,
            self.few is not None,
            0 if self.sought is None else len(self.sought.words),
            self.sought is None or self.sought.in_numbers,
        )

    @property
    def sorts_what_is_left(self) -> bool:
        """No index has the order, so there must not be too many rows."""
        by_time = self.page.sorted_by == "timestamp"
        through_index = self.few is None and self.page.sorted_by in WITH_INDEX
        return not (by_time or (through_index and self.sought is None))

    def page_query(self, walk: int | None = None) -> Query:
        kind = self.kind._replace(walked=walk is not None)
        one_plan = not (kind.chosen or kind.words or self.sorts_what_is_left)
        if one_plan:
            kind = kind._replace(rows=self.page.limit + 1)
        values = {**self._values(ROWS_MAX + 1), "walk": walk}
        return messages_query(page_statement(kind), values, one_plan)

    def total_query(self) -> Query:
        kind = self.kind._replace(sort="timestamp", descending=True, placed=False)
        return Query(total_statement(kind), self._values(ROWS_MAX + 1))

    def _values(self, most: int) -> dict[str, Any]:
        words = () if self.sought is None else self.sought.words
        return {
            **self.page.filters,
            **self.page.parameters(),
            **{f"word_{n}": word for n, word in enumerate(words)},
            "conversations": self.few,
            "most": most,
        }
