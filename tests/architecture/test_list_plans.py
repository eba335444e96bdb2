"""Whatever a list of messages is asked, no table is read from end to end.

The real statements of every combination that the contract allows are explained; where nothing but
a walk along the time can help, it is along an index, and ends with the page.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations, cycle, islice, product
from typing import Any

import pytest
from psycopg import Connection
from psycopg.sql import SQL, Literal

from read_api.cursor import Place
from read_api.entering import ENTER, FOR_ALL_VALUES, FOR_VALUES
from read_api.message_filters import ORDERS
from read_api.message_pages import WALK_TEXTS, Question, Sought
from read_api.paging import Page
from read_api.reading import Query

pytestmark = pytest.mark.slow

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATE = datetime(2026, 1, 1, 16, tzinfo=UTC)

# Every filter, with a value for each fragment that it can choose.
VALUES: dict[str, list[Any]] = {
    "type": ["order"],
    "phone_number_id": ["1065"],
    "direction": ["in"],
    "status": [["failed"], ["deleted"], ["played"], ["received"], ["read", "failed"]],
    "error_code": [131047],
    "from": [NOON],
    "to": [LATE],
    "received_from": [NOON],
    "received_to": [LATE],
    "unread": [True, False],
    "has_media": [True, False],
    "media_state": ["failed"],
    "reaction_to": [9, "wamid.9"],
}
KEYS: dict[str, Any] = {
    "timestamp": NOON,
    "received_at": NOON,
    "type": "text",
    "status": "sent",
    "from_name": "ana",
    "from_number": "5511900000007",
}
Filters = dict[str, Any]


def filters(names: tuple[str, ...]) -> Iterator[Filters]:
    for values in product(*(VALUES[name] for name in names)):
        yield dict(zip(names, values, strict=True))


def pages(chosen: Filters) -> Iterator[Page]:
    """In every order, both ways, the first page and one from a place on."""
    for name, way, placed in product(ORDERS, ("-", ""), (False, True)):
        place = Place("next", (KEYS[name], 9)) if placed else None
        yield Page("messages", way + name, chosen, place, 50)


def questions(page: Page) -> Iterator[Query]:
    """In all conversations and in some, with words and without; with the count of each."""
    for few, words in product((None, [8, 9]), ((), ("hola",), ("hola", "79"))):
        question = Question(page, Sought(words, True) if words else None, few)
        yield question.page_query()
        if words and few is None and page.sorted_by == "timestamp":
            yield question.page_query(WALK_TEXTS)
        if page.place is None:
            yield question.total_query()


def whole_reads(conn: Connection[Any], asked: Iterator[Query]) -> list[str]:
    """The plans that read a table from end to end."""
    found = []
    while some := list(islice(asked, 200)):
        with conn.pipeline():
            plans = []
            for query in some:
                statement = query.statement
                text = SQL(statement) if isinstance(statement, str) else statement
                plans.append(conn.execute(SQL("explain ") + text, query.parameters))
        for query, plan in zip(some, plans, strict=True):
            lines = [row[0] for row in plan]
            if any("Seq Scan" in line for line in lines):
                found.append("\n".join([str(query.parameters), *lines]))
    return found


@pytest.fixture
def entered(seeded: Connection[Any]) -> Iterator[Connection[Any]]:
    """As a question finds the connection."""
    with seeded.transaction(force_rollback=True):
        seeded.execute(ENTER, {"view": "inbox", "plans": FOR_VALUES})
        yield seeded


@pytest.mark.slow
@pytest.mark.parametrize("name", VALUES)
def test_one_filter_in_any_order_reads_no_table_whole(entered: Connection[Any], name: str) -> None:
    asked = (q for each in filters((name,)) for page in pages(each) for q in questions(page))

    assert [] == whole_reads(entered, asked)


def test_no_filter_in_any_order_reads_no_table_whole(entered: Connection[Any]) -> None:
    asked = (q for page in pages({}) for q in questions(page))

    assert [] == whole_reads(entered, asked)


@pytest.mark.deep
@pytest.mark.parametrize("size", range(2, len(VALUES) + 1))
def test_filters_together_read_no_table_whole(entered: Connection[Any], size: int) -> None:
    """Two of them in every order; more of them each in the next of all ways to ask."""
    every = (each for names in combinations(VALUES, size) for each in filters(names))
    in_every_way = (q for each in every for page in pages(each) for q in questions(page))
    asked = in_every_way if size == 2 else one_way_each(every)

    assert [] == whole_reads(entered, asked)


def one_way_each(every: Iterator[Filters]) -> Iterator[Query]:
    ways = cycle(range(len(list(pages({})))))
    kinds = cycle(range(7))
    for chosen, way, kind in zip(every, ways, kinds, strict=False):
        page = list(pages(chosen))[way]
        yield list(questions(page))[kind % len(list(questions(page)))]


def test_the_tenth_search_is_planned_as_the_first(entered: Connection[Any]) -> None:
    """A plan made for any words would walk the texts for a rare one."""
    page = Page("messages", "-timestamp", {}, None, 50)
    query = Question(page, Sought(("hola", "31234"), True)).page_query()
    assert not isinstance(query.statement, str)
    found = [
        len(entered.execute(query.statement, query.parameters, prepare=True).fetchall())
        for _ in range(10)
    ]
    plans = entered.execute(
        "select custom_plans, generic_plans from pg_prepared_statements"
        " where statement like '%texts t%'"
    ).fetchall()
    plan = entered.execute(SQL("explain ") + query.statement, query.parameters).fetchall()

    assert ([1] * 10, [(10, 0)]) == (found, plans)
    assert "texts_by_trigram" in "\n".join(row[0] for row in plan)


def test_a_word_is_counted_by_its_index(entered: Connection[Any]) -> None:
    """Looking through the texts by their ids would begin sooner, and go all over the table."""
    page = Page("messages", "-timestamp", {}, None, 50)
    query = Question(page, Sought(("hola",), True)).total_query()
    assert not isinstance(query.statement, str)
    plan = entered.execute(SQL("explain ") + query.statement, query.parameters).fetchall()

    assert "texts_by_trigram" in "\n".join(row[0] for row in plan)


@pytest.mark.parametrize("placed", [False, True])
@pytest.mark.parametrize("few", [None, [8, 9]])
def test_the_plan_that_is_made_once_is_the_right_one(
    entered: Connection[Any], few: list[int] | None, placed: bool
) -> None:
    """One that knew no number of rows would take a tenth of the table for the page."""
    place = Place("next", (NOON, 9)) if placed else None
    query = Question(Page("messages", "-timestamp", {}, place, 50), None, few).page_query()
    assert query.one_plan
    values: list[Literal] = []

    def numbered(name: re.Match[str]) -> str:
        values.append(Literal(query.parameters[name[1]]))
        return f"${len(values)}"

    assert isinstance(query.statement, SQL)
    text = re.sub(r"%[(](\w+)[)]s", numbered, query.statement.as_string())
    entered.execute(SQL("set local plan_cache_mode = {}").format(Literal(FOR_ALL_VALUES)))
    entered.execute(f"prepare page as {text}".encode())
    given = SQL("({})").format(SQL(", ").join(values)) if values else SQL("")
    plan = "\n".join(
        row[0] for row in entered.execute(SQL("explain execute page{}").format(given)).fetchall()
    )

    entered.execute("deallocate page")

    assert ("messages_by_time" if few is None else "messages_by_conversation") in plan
    assert "messages_pkey" in plan
    assert "Seq Scan" not in plan
    assert "Hash" not in plan
    assert "Merge" not in plan


@pytest.mark.parametrize(
    "question",
    [
        Question(Page("messages", "-timestamp", {"direction": "in"}, None, 50)),
        Question(Page("messages", "-from_name", {}, None, 50)),
        Question(Page("messages", "-timestamp", {}, None, 50), Sought(("hola",), True)),
    ],
    ids=["a filter", "an order without an index", "a word"],
)
def test_a_plan_is_made_for_values_that_it_depends_on(question: Question) -> None:
    assert not question.page_query().one_plan
