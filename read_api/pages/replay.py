"""Replay: a conversation along its events, each time as it was then."""

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from read_api.errors import NotFound
from read_api.pages.asking import Api, address
from read_api.pages.differences import differences
from read_api.pages.inbox import name_of
from read_api.pages.ops import frame
from read_api.pages.rendering import page, today_in, zone_of
from read_api.pages.thread import lines

PATH = "/ops/replay"
# So many events are on the slider; those after them are on the next one.
EVENTS_LIMIT = 200
THREAD_LIMIT = 50
LATEST_LIMIT = 20

Answer = dict[str, Any]


async def choose(api: Api, request: Request) -> Response:
    """GET /ops/replay: which conversation? A form without scripts asks by `conversation`."""
    wanted = request.query_params.get("conversation", "").strip()
    if wanted.isascii() and wanted.isdigit():
        return RedirectResponse(f"{PATH}/{wanted}", 303)
    query = [("limit", str(LATEST_LIMIT)), ("messages", "0")]
    latest = await api(request, "conversations/", query)
    context = {
        **frame(api, request, latest["position"]),
        "conversations": latest["conversations"],
        "name_of": name_of,
        "wanted": wanted,
    }
    return page(request, "ops_replay_choose.html", context)


async def show_replay(api: Api, request: Request) -> Response:
    """GET /ops/replay/{id}: the thread as of the event `at`, the last one if not given.

    `n` is what the slider says: which of the events it is. With `since`, another event, comes what
    is different between the two.
    """
    id_ = request.path_params["id"]
    asked = request.query_params
    place = [("cursor", asked["cursor"])] if asked.get("cursor") else []
    query = [("order", "asc"), ("limit", str(EVENTS_LIMIT)), *place]
    history = await api(request, "conversations/{id}/events/", query, id=id_)
    events, here = history["events"], f"{PATH}/{history['conversation_id']}"
    if not events:
        raise NotFound("event")
    chosen = _chosen(events, asked.get("n", ""), asked.get("at", ""))
    since = _chosen(events, "", asked["since"]) if asked.get("since") else None
    compared = [] if since is None else [("since", str(events[since]["position"]))]
    if "n" in asked:
        at = ("at", str(events[chosen]["position"]))
        return RedirectResponse(address(here, [*place, at, *compared]), 303)
    event = events[chosen]
    conversation, thread = await _as_it_was(api, request, id_, event)
    changes = None
    if since is not None:
        then = *(await _as_it_was(api, request, id_, events[since])), events[since]
        earlier, later = sorted((then, (conversation, thread, event)), key=_position)
        changes = {
            "earlier": earlier[2]["position"],
            "later": later[2]["position"],
            "found": differences(earlier[0], later[0], _messages(earlier[1]), _messages(later[1])),
        }

    def href(number: int) -> str | None:
        if not 0 <= number < len(events):
            return None
        at = ("at", str(events[number]["position"]))
        return address(here, [*place, at, *compared])

    def beside(word: str | None) -> str | None:
        return word and address(here, [("cursor", word)])

    zone = zone_of(request)
    context = {
        **frame(api, request, 0),
        "stream": None,
        "id": history["conversation_id"],
        "here": here,
        "events": events,
        "chosen": chosen,
        "since": None if since is None else events[since]["position"],
        "changes": changes,
        "alone_href": address(here, [*place, ("at", str(event["position"]))]),
        "event": event,
        "cursor": asked.get("cursor"),
        "href": href,
        "earlier_href": beside(history["prev_cursor"]),
        "later_href": beside(history["next_cursor"]),
        "conversation": conversation,
        "name": None if conversation is None else name_of(conversation),
        "thread": lines(_messages(thread), [], 0, zone, today_in(zone)),
        "more": thread is not None and thread["prev_cursor"] is not None,
        "message_href": lambda other: f"/messages/{other}",
        "may_see_message": True,
        "target": event["position"],
    }
    return page(request, "ops_replay.html", context)


def _chosen(events: Sequence[Answer], number: str, position: str) -> int:
    """Which of the events; the last one at or before a position, or of all."""
    if number.isascii() and number.isdigit():
        return min(int(number), len(events) - 1)
    if position.isascii() and position.isdigit():
        before = [n for n, each in enumerate(events) if each["position"] <= int(position)]
        return before[-1] if before else 0
    return len(events) - 1


def _position(moment: tuple[Answer | None, Answer | None, Answer]) -> int:
    position: int = moment[2]["position"]
    return position


def _messages(thread: Answer | None) -> list[Answer]:
    return [] if thread is None else thread["messages"]


async def _as_it_was(
    api: Api, request: Request, id_: str, event: Answer
) -> tuple[Answer | None, Answer | None]:
    """The conversation and its newest messages, as of the event."""
    none, few = [("messages", "0")], [("limit", str(THREAD_LIMIT))]
    return await asyncio.gather(
        _as_of(api, request, "conversations/{id}/", id_, event, none),
        _as_of(api, request, "conversations/{id}/messages/", id_, event, few),
    )


async def _as_of(
    api: Api,
    request: Request,
    path: str,
    id_: str,
    event: Answer,
    query: list[tuple[str, str]],
) -> Answer | None:
    """None where there was no such conversation yet."""
    try:
        return await api(request, path, [*query, ("as_of", str(event["position"]))], id=id_)
    except NotFound:
        return None
