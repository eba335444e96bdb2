"""Events: what comes in, how the views are, and what was put aside, for who looks after it."""

import asyncio
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from read_api.errors import NotFound
from read_api.pages.asking import Api
from read_api.pages.live import stream_context
from read_api.pages.rendering import page

PATH = "/ops"
SCOPE = "events:read"
TABS = (
    ("Overview", PATH),
    ("Deliveries", f"{PATH}/deliveries"),
    ("Events", f"{PATH}/events"),
    ("Replay", f"{PATH}/replay"),
)
INGEST = "/api/admin/ingest/"
VIEWS = "/api/admin/projections/"
REFUSED_SHOWN = 5

# What a page that is open asks for again.
PARTS = {"state": "_ops_state.html"}

Answer = dict[str, Any]


async def show_ops(api: Api, request: Request) -> Response:
    """GET /ops: looking at it changes nothing."""
    ingest, views, refused = await asyncio.gather(
        api(request, INGEST),
        optional(api, request, VIEWS),
        api(request, "deliveries/refused/", [("limit", str(REFUSED_SHOWN))]),
    )
    projections = [] if views is None else views["projections"]
    context = {
        **frame(api, request, ingest["position"]),
        "ingest": ingest,
        "views": projections,
        "poison": [
            {**event, "view": view["name"]} for view in projections for event in view["poison"]
        ],
        "refused": refused,
    }
    if request.query_params.get("part") in PARTS:
        which = PARTS[request.query_params["part"]]
        return page(request, "part.html", context | {"which": which})
    return page(request, "ops.html", context)


def frame(api: Api, request: Request, position: int) -> Answer:
    """What all pages of this place have: their tabs, the stream, and a name for each wish.

    With it a form that is sent twice, by a second click or by going back, is one command.
    """
    return {
        "tabs": [
            {"title": title, "href": href, "current": _is_in(request.url.path, href)}
            for title, href in TABS
        ],
        "wish": secrets.token_hex(8),
        **stream_context(api, request, position),
    }


async def optional(api: Api, request: Request, path: str, **ids: object) -> Answer | None:
    """None where the person may not ask, or there is nothing."""
    try:
        return await api(request, path, (), **ids)
    except NotFound:
        return None


def _is_in(path: str, tab: str) -> bool:
    return path == tab or (tab != PATH and path.startswith(f"{tab}/"))
