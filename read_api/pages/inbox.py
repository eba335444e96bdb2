"""The inbox: the list of conversations, the thread of one, and who the customer is."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from read_api.pages import conversation, gallery, listing, person
from read_api.pages.asking import Api
from read_api.pages.bars import view_bars
from read_api.pages.live import stream_context
from read_api.pages.numbers import number_picker
from read_api.pages.rendering import page

PATH = listing.PATH

# What the page itself understands; everything else in the address is the list's.
OWN = ("m", "before", "after", "show", "part", "find", "files", "as_of")

# What a page that is open asks for again, when it hears that something is new.
PARTS = {
    "list": "_list_pane.html",
    "thread": "_thread_panes.html",
    "bars": "_view_bars.html",
}

Answer = dict[str, Any]


async def show_inbox(api: Api, request: Request) -> Response:
    """GET /inbox and /inbox/{id}: looking at it changes nothing."""
    items = [(name, text) for name, text in request.query_params.multi_items() if text]
    asked = [(name, text) for name, text in items if name not in OWN]
    own = {name: text for name, text in items if name in OWN}
    id_ = request.path_params.get("id")
    which = own["part"] if own.get("part") in PARTS else None
    lists, threads = which in (None, "list"), id_ is not None and which in (None, "thread")
    bars, picker, listed, counted, found, panel = await asyncio.gather(
        view_bars(api, request, "inbox") if which in (None, "bars") else _nothing(),
        # Not what else the list is narrowed to: it may be another list by then.
        number_picker(api, request, PATH, ()) if which is None else _nothing(),
        listing.listed(api, request, asked) if lists else _nothing(),
        listing.counts(api, request, asked) if lists else _nothing(),
        conversation.found(api, request, str(id_), own) if threads else _nothing(),
        _panel(api, request, str(id_), own) if threads else _nothing(),
    )
    context: Answer = {
        "conversation": found.get("conversation"),
        "name_of": name_of,
        "show": None,
        **bars,
        **picker,
    }
    if lists:
        context |= await listing.list_context(api, request, listed, counted, asked, id_)
        context |= stream_context(api, request, listed["position"])
    if threads:
        context |= conversation.context(request, found, asked, own)
        context |= panel | {"show": own.get("show")}
    if which is not None:
        return page(request, "part.html", context | {"which": PARTS[which]})
    return page(request, "inbox.html", context)


async def _nothing() -> Answer:
    return {}


async def _panel(api: Api, request: Request, id_: str, own: dict[str, str]) -> Answer:
    """What the panel beside the thread shows that not everybody wants to see each time."""
    if own.get("show") == "files":
        return await gallery.context(api, request, id_, own.get("files"))
    if own.get("show") == "customer":
        return await person.context(api, request, id_, own.get("find"))
    return {}


def name_of(conversation: Answer) -> str:
    """What a conversation is called: somebody may have no name, no number, or both hidden."""
    name = conversation["customer"]["display_name"]
    return str(name or ("Group" if conversation["group_id"] else "Somebody"))
