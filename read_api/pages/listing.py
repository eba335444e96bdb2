"""The list of conversations beside a thread: its tabs, its filters, and what leads on."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from starlette.requests import Request

from read_api.pages.asking import Api, address

PATH = "/inbox"
LIST_LIMIT = 40

Answer = dict[str, Any]
Pairs = Sequence[tuple[str, str]]


class Tab(NamedTuple):
    title: str
    query: tuple[tuple[str, str], ...]


TABS = (
    Tab("All", ()),
    Tab("Unread", (("unread", "true"),)),
    Tab("Waiting", (("unanswered", "true"),)),
    Tab("Mine", (("assignee", "me"),)),
    Tab("Failed", (("has_failed", "true"),)),
    Tab("Done", (("state", "done"),)),
)


async def listed(api: Api, request: Request, asked: Pairs) -> Answer:
    return await api(
        request, "conversations/", [*asked, ("messages", "0"), ("limit", str(LIST_LIMIT))]
    )


async def list_context(
    api: Api, request: Request, found: Answer, asked: Pairs, id_: str | None
) -> Answer:
    here = PATH if id_ is None else f"{PATH}/{id_}"
    filters = [pair for pair in asked if pair[0] != "cursor"]
    tab_keys = {pair for tab in TABS for pair in tab.query}
    chosen = tuple(pair for pair in filters if pair in tab_keys)
    handshake = None
    if not found["conversations"] and not asked and api.may(request, "handshakes/"):
        attempts = await api(request, "handshakes/", [("limit", "1")])
        handshake = next(iter(attempts["handshakes"]), None)

    def beside(word: str | None) -> str | None:
        return word and address(here, [*filters, ("cursor", word)])

    return {
        "page": found,
        "tabs": [
            {"title": tab.title, "href": address(here, tab.query), "current": tab.query == chosen}
            for tab in TABS
        ],
        "other_filters": [
            {
                "text": f"{pair[0]}: {pair[1]}",
                "href": address(here, [other for other in filters if other != pair]),
            }
            for pair in filters
            if pair not in tab_keys
        ],
        "filtered": bool(asked),
        "filtered_by": ", ".join(f"{name}: {text}" for name, text in filters),
        "newer_href": beside(found["prev_cursor"]),
        "older_href": beside(found["next_cursor"]),
        "list_href": address(here, asked),
        "current": id_,
        "conversation_href": lambda id_: address(f"{PATH}/{id_}", asked),
        "handshake": handshake,
    }
