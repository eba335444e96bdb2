"""GET messages/: a page of messages, filtered, searched and sorted."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from read_api import conversation_lookup, parameters, phones, words
from read_api.answers import ends, listed
from read_api.errors import InvalidParameter
from read_api.fields import fields_of, selected
from read_api.masking import may_know
from read_api.message_filters import FILTERED_BY, ORDERS
from read_api.message_filters import PARAMETERS as FILTER_PARAMETERS
from read_api.message_pages import (
    INDEXED,
    ROWS_MAX,
    WALK_ALL,
    WALK_TEXTS,
    Question,
    Sought,
)
from read_api.message_rows import PLACE, message
from read_api.models.message import Message, MessageList
from read_api.paging import cut, links, page
from read_api.reading import Answers, Freshness, Query, Reading, Rows

SEARCH = "search"

PARAMETERS: dict[str, parameters.Parser] = {
    **FILTER_PARAMETERS,
    "sort": parameters.one_of(*(way + name for name in ORDERS for way in ("-", ""))).about(
        f"By time through an index; else what the filters leave, up to {ROWS_MAX} messages."
    ),
    "total": parameters.one_of("capped").about(f"Count all there are, up to {ROWS_MAX}."),
    "fields": fields_of(Message),
    "limit": parameters.limit,
    "cursor": parameters.cursor,
    **parameters.FRESHNESS,
}


class Found(NamedTuple):
    """The rows of a page, how many there are in all if that was counted, and out of what."""

    rows: Rows
    total: int | None
    answers: Answers


async def list_messages(reading: Reading, request: Request) -> Response:
    """A page of messages, newest first unless asked otherwise."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    parameters.half_open(values, "from", "to")
    parameters.half_open(values, "received_from", "received_to")
    phone = phones.from_values(values, may_know(request))
    asked = page("messages", values, FILTERED_BY, reading.cursor_key, "-timestamp")
    question = Question(asked, sought(values, may_know(request)))
    found = await find_messages(
        reading,
        question,
        parameters.freshness(request, values),
        total="total" in values,
        before=conversation_lookup.lookups(values, phone),
    )
    shown = cut(asked, found.rows, PLACE, reading.cursor_key)
    items = selected([message(row) for row in shown.rows], values.get("fields"))
    total = found.total if "total" in values else None
    content: MessageList = {
        "count": len(items),
        "messages": items,
        **ends(shown, found.answers),
        "total": None if total is None else min(total, ROWS_MAX),
        "total_is_capped": None if total is None else total > ROWS_MAX,
        "phone_candidates": None if phone is None else phone.candidates,
    }
    return listed(request, content, found.answers, links(request, shown))


def sought(values: Mapping[str, Any], in_numbers: bool) -> Sought | None:
    """From the parameters q and q_mode; `in_numbers` is for those who may know them.

    Raises InvalidParameter for q_mode without q.
    """
    if "q" not in values:
        if "q_mode" in values:
            raise InvalidParameter("q_mode", "says how to look for q, which is missing")
        return None
    found = words.words(values["q"], values.get("q_mode", "all"))
    return Sought(tuple(found), in_numbers)


async def find_messages(
    reading: Reading,
    question: Question,
    freshness: Freshness,
    *,
    total: bool = False,
    before: Sequence[Query] = (),
) -> Found:
    """The question's page; `before` are queries for the conversations to look in.

    Raises InvalidParameter when there is too much to sort.
    """
    counts = total or question.sorts_what_is_left
    if question.sought is not None:
        await reach_search(reading, freshness)
    if before:

        def look(found: list[Rows]) -> list[Query]:
            few = conversation_lookup.of_all(found)
            return _plain(question._replace(few=few), counts)

        answers = await reading.read(before, freshness, look)
        rows = answers.rows[len(before) :]
    elif question.sought is None or question.few is not None:
        answers = await reading.read(_plain(question, counts), freshness)
        rows = answers.rows
    else:
        first = _first(question)
        answers = await reading.read(
            first, freshness, lambda found: _second(question, found, counts)
        )
        rest = answers.rows[len(first) :]
        rows = rest if len(rest) > counts else [answers.rows[1], *rest]
    counted: int | None = rows[1][0]["total"] if counts else None
    if question.sorts_what_is_left and (counted or 0) > ROWS_MAX:
        raise InvalidParameter("sort", f"sorts at most {ROWS_MAX} messages; narrow the filters")
    return Found(rows[0], counted, answers)


async def reach_search(reading: Reading, freshness: Freshness) -> None:
    """The view that knows the words is another than the one that knows the messages."""
    if freshness.min_position and not freshness.stale_allowed:
        await reading.reach(freshness.min_position, freshness.wait_s, SEARCH)


def _plain(question: Question, counts: bool) -> list[Query]:
    return [question.page_query(), *([question.total_query()] if counts else [])]


def _first(question: Question) -> list[Query]:
    """Words that are said often are found in what is near."""
    if question.sorts_what_is_left:
        return [Query(INDEXED, {})]
    return [Query(INDEXED, {}), question.page_query(WALK_TEXTS)]


def _second(question: Question, found: list[Rows], counts: bool) -> list[Query]:
    """Through the index if the walk has not found enough, or on with the walk if there is none."""
    assert question.sought is not None  # there is nothing to look for otherwise
    enough = len(found) > 1 and len(found[1]) > question.page.limit
    wanted = [question.total_query()] if counts else []
    if not enough:
        by_index = found[0][0]["indexed"] and words.indexed(question.sought.words)
        walk = None if by_index or question.sorts_what_is_left else WALK_ALL
        wanted = [question.page_query(walk), *wanted]
    return wanted
