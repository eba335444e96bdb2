"""Events: the log from its newest event back, and the page of one."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from read_api.errors import InvalidParameter
from read_api.live.kinds import TOLD
from read_api.pages.asking import Api, address
from read_api.pages.ops import frame
from read_api.pages.rendering import page

PATH = "/ops/events"
SUMMARY_CHARACTERS = 160
# Events of these types are messages with a page of their own.
MESSAGES = ("MessageReceived", "MessageSent", "MessageImported")

Answer = dict[str, Any]


async def list_page(api: Api, request: Request) -> Response:
    """GET /ops/events; without a place in the log it is its end, and goes on as events come."""
    asked = [
        (name, text.strip())
        for name, text in request.query_params.multi_items()
        if text.strip() and name != "part"
    ]
    problem = None
    found: Answer = {"events": [], "next_before": None, "position": 0}
    try:
        found = await api(request, "events/", asked)
    except InvalidParameter as error:
        problem = error
    values = dict(asked)
    kept = [pair for pair in asked if pair[0] != "before"]
    older = found["next_before"]
    context = {
        **frame(api, request, found["position"]),
        "events": [{**event, "summary": _summary(event["data"])} for event in found["events"]],
        "values": values,
        "types": sorted(TOLD),
        "problem": problem,
        "newest_href": address(PATH, kept) if "before" in values else None,
        "older_href": None if older is None else address(PATH, [*kept, ("before", str(older))]),
        "refresh": address(PATH, [*kept, ("part", "events")]),
        "filtered": bool(kept),
    }
    if request.query_params.get("part") == "events":
        return page(request, "part.html", context | {"which": "_ops_events.html"})
    return page(request, "ops_events.html", context, status=400 if problem else 200)


async def show_event(api: Api, request: Request) -> Response:
    """GET /ops/events/{position}."""
    event = await api(request, "events/{position}/", position=request.path_params["position"])
    data = event["data"]
    context = {
        **frame(api, request, 0),
        "stream": None,
        "e": event,
        "data": data and json.dumps(data, ensure_ascii=False, indent=2),
        "message_href": f"/messages/{event['position']}" if event["type"] in MESSAGES else None,
        "stream_href": event["stream"] and address(PATH, {"stream": event["stream"]}),
    }
    return page(request, "ops_event.html", context)


def _summary(data: Answer | None) -> str:
    """What it says, in a line."""
    if data is None:
        return ""
    said = {name: value for name, value in data.items() if value not in (None, "", [], {})}
    text = json.dumps(said, ensure_ascii=False)[1:-1]
    return text if len(text) <= SUMMARY_CHARACTERS else text[:SUMMARY_CHARACTERS] + "…"
