"""Deliveries: every POST that was taken, and the page of one."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from read_api.errors import NotFound
from read_api.pages import words
from read_api.pages.asking import Api, address
from read_api.pages.ops import frame
from read_api.pages.rendering import page

PATH = "/ops/deliveries"
OUTCOMES = (
    ("All", None),
    ("Stored", "stored"),
    ("Duplicate", "duplicate"),
    ("Ignored", "ignored"),
    ("Quarantined", "quarantined"),
)
RAW = "deliveries/{id}/raw/"
# As many as somebody reads; the whole can be saved.
RAW_CHARACTERS_MAX = 100_000

Answer = dict[str, Any]


async def list_page(api: Api, request: Request) -> Response:
    """GET /ops/deliveries; its filters are those of the API's list."""
    asked = [(name, text) for name, text in request.query_params.multi_items() if text]
    found = await api(request, "deliveries/", asked)
    kept = [pair for pair in asked if pair[0] != "cursor"]
    others = [pair for pair in kept if pair[0] != "outcome"]
    chosen = dict(kept).get("outcome")

    def beside(word: str | None) -> str | None:
        return word and address(PATH, [*kept, ("cursor", word)])

    context = {
        **frame(api, request, found["position"]),
        "page": found,
        "outcomes": [
            {
                "title": title,
                "href": address(PATH, [*others, ("outcome", outcome or "")]),
                "current": outcome == chosen,
            }
            for title, outcome in OUTCOMES
        ],
        "newer_href": beside(found["prev_cursor"]),
        "older_href": beside(found["next_cursor"]),
        "filtered": bool(kept),
    }
    return page(request, "ops_deliveries.html", context)


async def show_delivery(api: Api, request: Request) -> Response:
    """GET /ops/deliveries/{id}."""
    id_ = request.path_params["id"]
    delivery = await api(request, "deliveries/{id}/", id=id_)
    context = {
        **frame(api, request, delivery["position"]),
        "d": delivery,
        "raw": await _raw(api, request, delivery["id"]),
        "here": f"{PATH}/{delivery['id']}",
    }
    return page(request, "ops_delivery.html", context)


async def _raw(api: Api, request: Request, id_: int) -> str | None:
    if "pii:read" not in request.auth.scopes:
        return None
    try:
        answer = await api.response(request, RAW, id=id_)
    except NotFound:
        return None
    text = words.pretty_json(bytes(answer.body).decode("utf-8", "replace"))
    return text if len(text) <= RAW_CHARACTERS_MAX else text[:RAW_CHARACTERS_MAX] + "\n…"
