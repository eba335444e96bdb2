"""The inbox: the list of conversations, the thread of one, and who the customer is."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from read_api.pages.asking import Api, address
from read_api.pages.live import stream_context
from read_api.pages.rendering import page, today_in, zone_of
from read_api.pages.thread import lines

PATH = "/inbox"
LIST_LIMIT = 40
THREAD_LIMIT = 50

# What the page itself understands; everything else in the address is the list's.
OWN = ("m", "before", "after", "show", "part")

# What a page that is open asks for again, when it hears that something is new.
PARTS = {"list": "_list_pane.html", "thread": "_thread_panes.html"}

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
)


async def show_inbox(api: Api, request: Request) -> Response:
    """GET /inbox and /inbox/{id}: looking at it changes nothing."""
    items = [(name, text) for name, text in request.query_params.multi_items() if text]
    asked = [(name, text) for name, text in items if name not in OWN]
    own = {name: text for name, text in items if name in OWN}
    id_ = request.path_params.get("id")
    which = own.get("part")
    lists, threads = which != "thread", id_ is not None and which != "list"
    listed, conversation, thread = await asyncio.gather(
        _list(api, request, asked) if lists else _nothing(),
        api(request, "conversations/{id}/", [("messages", "0")], id=id_) if threads else _nothing(),
        _thread(api, request, str(id_), own) if threads else _nothing(),
    )
    context = {"conversation": conversation, "name_of": name_of, "show": own.get("show")}
    if lists:
        context |= await _list_context(api, request, listed, asked, id_)
        context |= stream_context(api, request, listed["position"])
    if threads:
        context |= _thread_context(request, conversation, thread, asked, own)
    if which in PARTS:
        return page(request, "part.html", context | {"which": PARTS[which]})
    return page(request, "inbox.html", context)


async def _nothing() -> Answer:
    return {}


async def _list(api: Api, request: Request, asked: Pairs) -> Answer:
    return await api(
        request, "conversations/", [*asked, ("messages", "0"), ("limit", str(LIST_LIMIT))]
    )


async def _thread(api: Api, request: Request, id_: str, own: dict[str, str]) -> Answer:
    names = {"before": "before", "after": "after", "m": "around"}
    place = [(names[name], own[name]) for name in names if name in own][:1]
    return await api(
        request, "conversations/{id}/messages/", [*place, ("limit", str(THREAD_LIMIT))], id=id_
    )


async def _list_context(
    api: Api, request: Request, listed: Answer, asked: Pairs, id_: str | None
) -> Answer:
    here = PATH if id_ is None else f"{PATH}/{id_}"
    filters = [pair for pair in asked if pair[0] != "cursor"]
    tab_keys = {pair for tab in TABS for pair in tab.query}
    chosen = tuple(pair for pair in filters if pair in tab_keys)
    handshake = None
    if not listed["conversations"] and not asked and api.may(request, "handshakes/"):
        attempts = await api(request, "handshakes/", [("limit", "1")])
        handshake = next(iter(attempts["handshakes"]), None)

    def beside(word: str | None) -> str | None:
        return word and address(here, [*filters, ("cursor", word)])

    return {
        "page": listed,
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
        "newer_href": beside(listed["prev_cursor"]),
        "older_href": beside(listed["next_cursor"]),
        "list_href": address(here, asked),
        "current": id_,
        "conversation_href": lambda id_: address(f"{PATH}/{id_}", asked),
        "handshake": handshake,
    }


def _thread_context(
    request: Request,
    conversation: Answer,
    thread: Answer,
    asked: Pairs,
    own: dict[str, str],
) -> Answer:
    zone = zone_of(request)
    here = f"{PATH}/{conversation['id']}"
    messages = thread["messages"]
    target = own.get("m", "")

    def onward(name: str, word: str | None) -> str | None:
        return word and address(here, [*asked, (name, word)])

    return {
        "thread": lines(messages, [], conversation["unread_count"], zone, today_in(zone)),
        "seen_up_to": max((m["id"] for m in messages if m["direction"] == "in"), default=""),
        "older_messages_href": onward("before", thread["prev_cursor"]),
        "newer_messages_href": onward("after", thread["next_cursor"]),
        "latest_href": address(here, asked),
        "here": address(here, asked),
        "back_href": address(PATH, asked),
        "customer_href": address(here, [*asked, ("show", "customer")]),
        "notes_href": None,
        "target": int(target) if target.isdigit() else None,
        "message_href": lambda id_: address(here, [*asked, ("m", str(id_))]) + f"#m{id_}",
        "may_see_message": True,
    }


def name_of(conversation: Answer) -> str:
    """What a conversation is called: somebody may have no name, no number, or both hidden."""
    name = conversation["customer"]["display_name"]
    return str(name or ("Group" if conversation["group_id"] else "Somebody"))
