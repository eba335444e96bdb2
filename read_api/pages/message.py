"""One message with everything that is known of it, down to the bytes that brought it."""

import asyncio
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from read_api.errors import NotFound
from read_api.pages import words
from read_api.pages.asking import Api
from read_api.pages.rendering import page

Answer = dict[str, Any]

RAW = "messages/{id:path}/raw/"
DELIVERY = "deliveries/{id}/"
EXPLAIN = "messages/{id:path}/explain/"
# Older and newer software writes what is shown here; a POST can be as large as 3 MiB.
RAW_CHARACTERS_MAX = 100_000


async def show_message(api: Api, request: Request) -> Response:
    """GET /messages/{id}, by our id or by Meta's."""
    id_ = request.path_params["id"]
    message = await api(request, "messages/{id:path}/", id=id_)
    raw, explained = await asyncio.gather(
        _raw(api, request, message["id"]), _optional(api, request, EXPLAIN, message["id"])
    )
    delivery = raw and await _optional(api, request, DELIVERY, raw["delivery_id"])
    context = {
        "m": message,
        "conversation": {"group_id": message["group_id"]},
        "steps": _steps(message),
        "raw": raw,
        "delivery": delivery,
        "items": _items(delivery, raw),
        "explained": explained,
        "here": f"/messages/{message['id']}",
        "message_href": lambda other: f"/messages/{other}",
        "may_see_message": False,
        "target": None,
    }
    return page(request, "message.html", context)


async def _optional(api: Api, request: Request, path: str, id_: object) -> Answer | None:
    """None where the person may not ask, or there is nothing."""
    try:
        return await api(request, path, id=id_)
    except NotFound:
        return None


async def _raw(api: Api, request: Request, id_: int) -> Answer | None:
    try:
        answer = await api.response(request, RAW, id=id_)
    except NotFound:
        return None
    pointer = answer.headers["X-Item-Pointer"]
    return {
        "delivery_id": answer.headers["X-Delivery-Id"],
        "pointer": pointer,
        "sha256": answer.headers["X-Body-SHA256"],
        "secret": answer.headers["X-Signature-Secret"],
        "item": _item(bytes(answer.body), pointer),
        "bytes": len(answer.body),
    }


def _item(body: bytes, pointer: str) -> str:
    """The item out of the POST, laid out to be read; the POST as it is where that can't be done."""
    try:
        found = json.loads(body)
        for step in pointer.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            found = found[int(key)] if isinstance(found, list) else found[key]
        text = json.dumps(found, ensure_ascii=False, indent=2)
    except (ValueError, LookupError, TypeError, RecursionError):
        text = body.decode("utf-8", "replace")
    return text if len(text) <= RAW_CHARACTERS_MAX else text[:RAW_CHARACTERS_MAX] + "\n…"


def _items(delivery: Answer | None, raw: Answer | None) -> list[Answer]:
    """What became of the item in the POST that brought this message."""
    if delivery is None or raw is None:
        return []
    return [item for item in delivery["items"] if item["pointer"] == raw["pointer"]]


def _steps(message: Answer) -> list[Answer]:
    """The timeline with the time from each step to the one before, oldest first."""
    steps: list[Answer] = []
    before = message["timestamp"] if message["direction"] == "out" else None
    for step in message["status_timeline"]:
        after = None
        if before is not None and words.moment(step["at"]) > words.moment(before):
            after = words.between(before, step["at"])
        steps.append(
            {**step, "after": after, "way": words.between(step["at"], step["received_at"])}
        )
        before = step["at"]
    return steps
