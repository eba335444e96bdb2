"""Exports: the files that somebody has asked for, how far they are, and what is in them."""

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from read_api.pages.asking import Api
from read_api.pages.messages import TITLES
from read_api.pages.rendering import page

PATH = "/exports"
SCOPE = "exports:create"
PART = "list"

Answer = dict[str, Any]

KINDS = {
    "messages": "Messages",
    "conversations": "Conversations",
    "statuses": "Statuses",
    "events": "Events",
    "customer": "A customer's data",
}
STATES = {
    "queued": "waiting for a worker",
    "making": "being made",
    "ready": "ready",
    "failed": "failed",
}
UNDER_WAY = ("queued", "making")


async def show_exports(api: Api, request: Request) -> Response:
    """GET /exports: one's own, newest first; `part=list` is what an open page asks for again."""
    exports = (await api(request, "exports/"))["exports"]
    context = {
        "exports": [
            {
                **each,
                "title": KINDS.get(each["kind"], each["kind"]),
                "said": STATES[each["state"]],
                "filtered": filtered(each["filters"]),
            }
            for each in exports
        ],
        "under_way": any(each["state"] in UNDER_WAY for each in exports),
    }
    if request.query_params.get("part") == PART:
        return page(request, "part.html", context | {"which": "_exports.html"})
    return page(request, "exports.html", context)


def filtered(filters: Answer | str) -> list[str]:
    """What the list was narrowed to, in words; as it was asked for, an object or a query."""
    if isinstance(filters, str):
        pairs = parse_qsl(filters)
    else:
        pairs = [
            (name, str(value))
            for name, values in filters.items()
            for value in (values if isinstance(values, list) else [values])
        ]
    return [f"{TITLES.get(name, name)}: {value}" for name, value in pairs]
