"""The list of conversations beside a thread: its tabs, its filters, and what leads on."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from starlette.requests import Request

from read_api.pages import words
from read_api.pages.asking import Api, address
from read_api.pages.numbers import NUMBER, of_number

PATH = "/inbox"
LIST_LIMIT = 40

Answer = dict[str, Any]
Pairs = Sequence[tuple[str, str]]


class Tab(NamedTuple):
    """`counted` is for what somebody has to look after, and becomes less when they do."""

    title: str
    query: tuple[tuple[str, str], ...]
    counted: bool = False


TABS = (
    Tab("All", ()),
    Tab("Unread", (("unread", "true"),), counted=True),
    Tab("Waiting", (("unanswered", "true"),)),
    Tab("Mine", (("assignee", "me"),)),
    Tab("Failed", (("has_failed", "true"),), counted=True),
    Tab("Done", (("state", "done"),)),
)

# The first is the one without a word in the address.
SORTS = (
    ("Newest first", ""),
    ("Oldest first", "last_message_at"),
    ("Waiting longest", "waiting_since"),
    ("Unread first", "-unread"),
    ("By name", "name"),
)


async def listed(api: Api, request: Request, asked: Pairs) -> Answer:
    return await api(
        request, "conversations/", [*asked, ("messages", "0"), ("limit", str(LIST_LIMIT))]
    )


async def counts(api: Api, request: Request, asked: Pairs) -> dict[str, str]:
    """How many conversations the tabs have that are counted, by their titles; nothing for none.

    Of the number that the list is narrowed to, and of everybody.
    """
    few = [*of_number(asked), ("limit", "1"), ("messages", "0"), ("total", "capped")]
    counted = [tab for tab in TABS if tab.counted]
    answers = await asyncio.gather(
        *(api(request, "conversations/", [*tab.query, *few]) for tab in counted)
    )
    return {
        tab.title: words.number(answer["total"]) + ("+" if answer["total_is_capped"] else "")
        for tab, answer in zip(counted, answers, strict=True)
        if answer["total"]
    }


async def list_context(
    api: Api,
    request: Request,
    found: Answer,
    counted: dict[str, str],
    asked: Pairs,
    id_: str | None,
) -> Answer:
    here = PATH if id_ is None else f"{PATH}/{id_}"
    filters = [pair for pair in asked if pair[0] != "cursor"]
    tab_keys = {pair for tab in TABS for pair in tab.query}
    chosen = tuple(pair for pair in filters if pair in tab_keys)
    sort = dict(filters).get("sort", "")
    # What stays whichever tab is looked at.
    kept = [*of_number(asked), *((("sort", sort),) if sort else ())]
    handshake = None
    if not found["conversations"] and not asked and api.may(request, "handshakes/"):
        attempts = await api(request, "handshakes/", [("limit", "1")])
        handshake = next(iter(attempts["handshakes"]), None)

    def beside(word: str | None) -> str | None:
        return word and address(here, [*filters, ("cursor", word)])

    return {
        "page": found,
        "tabs": [
            {
                "title": tab.title,
                "href": address(here, [*tab.query, *kept]),
                "current": tab.query == chosen,
                "count": counted.get(tab.title),
            }
            for tab in TABS
        ],
        "sorts": [
            {
                "title": title,
                "href": address(
                    here, [*(pair for pair in filters if pair[0] != "sort"), ("sort", word)]
                ),
                "current": word == sort,
            }
            for title, word in SORTS
        ],
        "searched": dict(filters).get("q", ""),
        # The number is said, and changed, in the header.
        "number": dict(filters).get(NUMBER),
        "other_filters": [
            {
                "text": _said(*pair),
                "href": address(here, [other for other in filters if other != pair]),
            }
            for pair in filters
            if pair not in tab_keys and pair[0] not in (NUMBER, "sort")
        ],
        "filtered": any(name != "sort" for name, _ in asked),
        "filtered_by": ", ".join(_said(*pair) for pair in filters if pair[0] != "sort"),
        "newer_href": beside(found["prev_cursor"]),
        "older_href": beside(found["next_cursor"]),
        "list_href": address(here, asked),
        "current": id_,
        "conversation_href": lambda id_: address(f"{PATH}/{id_}", asked),
        "handshake": handshake,
    }


def _said(name: str, text: str) -> str:
    return f"{'Search' if name == 'q' else name}: {text}"
