"""The statements that a question for messages makes: its page, and how many there are in all.

Each is composed once from closed tables of fragments. The page is cut by the keys first, and only
its rows are looked at whole.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, LiteralString, NamedTuple

from psycopg.sql import SQL, Composable, Composed, Placeholder

from read_api.message_filters import FILTERS, ORDERS, WITH_INDEX, chosen
from read_api.message_rows import COLUMNS, JOINS
from read_api.paging import Column, Order, Page
from read_api.reading import Query

# A list that no index has in its order is sorted, and a total counted, up to here.
ROWS_MAX = 10_000
# So many texts are read from the page's place on before an index is asked: words that are said
# often are found sooner that way, and what is planned for a rare word takes seconds for them.
WALK_TEXTS = 5_000
WALK_ALL = 2**62

OF_ALL = SQL("""
    select m.id, {keys}
      from messages m
     where {where} and {after}
     {by}
     limit %(rows)s
""")

# The newest of what is left, one more than is allowed, then in the order that is wanted.
OF_FEW_LEFT = SQL("""
    select page.id, {names}
      from (select m.id, {keys}
              from messages m
             where {where}
             order by m.sorted_at desc, m.id desc
             limit %(most)s) page
     where {after}
     {by}
     limit %(rows)s
""")

# A few of each conversation and then the newest of those: looking along the time for messages of
# one conversation would read the whole table when it has been silent for long.
OF_CONVERSATIONS = SQL("""
    select m.id, {names}
      from unnest(%(conversations)s::bigint[]) as wanted(conversation_id)
     cross join lateral (
           select m.id, {keys}
             from messages m
            where m.conversation_id = wanted.conversation_id and {where} and {after}
            {by}
            limit %(rows)s) m
     {by_names}
     limit %(rows)s
""")

# From the place on, text by text.
WALKED = SQL("""
    select m.id, {keys}
      from (select t.id, t.sorted_at, t.message_id, t.phone_number_id, t.text
              from texts t
             where {bounds} and {after}
             {by}
             limit %(walk)s) t
     cross join lateral (
           select m.id
             from messages m
            where m.message_id = t.message_id and m.phone_number_id = t.phone_number_id
              and {where}
            limit 1) m
     where {words}
     {by}
     limit %(rows)s
""")

# All that is found, and of that the page. Without the fence the order would tempt the planner to
# walk, which takes seconds where it thinks a rare word to be a common one.
FOUND = SQL("""
    select page.id, {names}
      from (select m.id, {keys}
              from texts t
              join messages m
                on m.message_id = t.message_id and m.phone_number_id = t.phone_number_id
             where {words} and {bounds} and {where}
            offset 0) page
     where {after}
     {by}
     limit %(rows)s
""")

FOUND_IN_CONVERSATIONS = SQL("""
    select page.id, {names}
      from (select m.id, {keys}
              from unnest(%(conversations)s::bigint[]) as wanted(conversation_id)
             cross join lateral (
                   select m.id, m.message_id, m.phone_number_id, m.direction, m.message_type,
                          m.status, m.customer_name, m.customer_wa_id, m.display_phone_number,
                          m.received_at
                     from messages m
                    where m.conversation_id = wanted.conversation_id and {where}
                    offset 0) m
             cross join lateral (
                   select t.id, t.sorted_at
                     from texts t
                    where t.message_id = m.message_id
                      and t.phone_number_id = m.phone_number_id
                      and {words} and {bounds}
                    limit 1) t
            offset 0) page
     where {after}
     {by}
     limit %(rows)s
""")

MESSAGES = SQL("""
select {columns}, {names}
  from ({page}) page
  join messages m on m.id = page.id
  {joins}
 {by}
""")

TOTAL = SQL("""
select count(*) as total
  from ({page}) counted
""")
COUNTED = SQL("""
select from messages m where {where} order by m.sorted_at desc, m.id desc limit %(most)s
""")
COUNTED_IN_CONVERSATIONS = SQL("""
select
  from messages m
 where m.conversation_id = any(%(conversations)s) and {where}
 limit %(most)s
""")

# Whether there is an index that finds words.
INDEXED: LiteralString = "select to_regclass('texts_by_trigram') is not null as indexed"

TEXT_ORDERS: dict[str, Order] = {
    **ORDERS,
    "timestamp": Order((Column("timestamp", SQL("t.sorted_at")),), SQL("t.id")),
}
TEXT_BOUNDS: dict[str, SQL] = {
    "from": SQL("t.sorted_at >= %(from)s"),
    "to": SQL("t.sorted_at < %(to)s"),
}
WORD = SQL("t.text like pattern({word})")
# What stands behind the sign is for those who may know numbers.
SHOWN_WORD = SQL(
    "t.text like pattern({word}) and split_part(t.text, chr(30), 1) like pattern({word})"
)


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


@lru_cache(maxsize=1024)
def page_statement(kind: Kind) -> Composed:
    """The page, its rows in reading order with the values of their place."""
    order = (TEXT_ORDERS if kind.words else ORDERS)[kind.sort]
    keyed = order.of_keys("page")
    if kind.words:
        form = FOUND_IN_CONVERSATIONS if kind.in_conversations else FOUND
        form = WALKED if kind.walked else form
    elif kind.in_conversations:
        form = OF_CONVERSATIONS
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
        **_conditions(kind),
    )
    return MESSAGES.format(
        columns=SQL(COLUMNS),
        names=keyed.key_columns(),
        page=page,
        joins=SQL(JOINS),
        by=keyed.by(kind.descending),
    )


@lru_cache(maxsize=1024)
def total_statement(kind: Kind) -> Composed:
    """Counts one further than ROWS_MAX and no more."""
    if kind.words:
        form = FOUND_IN_CONVERSATIONS if kind.in_conversations else FOUND
        page = form.format(
            keys=SQL("m.id as key_0"),
            names=SQL("page.key_0"),
            after=SQL("true"),
            by=SQL(""),
            **_conditions(kind),
        )
        return TOTAL.format(page=page)
    form = COUNTED_IN_CONVERSATIONS if kind.in_conversations else COUNTED
    return TOTAL.format(page=form.format(**_conditions(kind)))


def _conditions(kind: Kind) -> dict[str, Composable]:
    bounds = [TEXT_BOUNDS[name] for name in kind.chosen if kind.words and name in TEXT_BOUNDS]
    where = [FILTERS[name] for name in kind.chosen if not (kind.words and name in TEXT_BOUNDS)]
    word = WORD if kind.in_numbers else SHOWN_WORD
    words = [word.format(word=Placeholder(f"word_{n}")) for n in range(kind.words)]
    return {"where": _all(where), "bounds": _all(bounds), "words": _all(words)}


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
        return Query(page_statement(kind), {**self._values(ROWS_MAX + 1), "walk": walk})

    def total_query(self) -> Query:
        kind = self.kind._replace(sort="timestamp", descending=True, placed=False)
        return Query(total_statement(kind), {**self._values(ROWS_MAX + 1), "rows": ROWS_MAX + 1})

    def _values(self, most: int) -> dict[str, Any]:
        words = () if self.sought is None else self.sought.words
        return {
            **self.page.filters,
            **self.page.parameters(),
            **{f"word_{n}": word for n, word in enumerate(words)},
            "conversations": self.few,
            "most": most,
        }
