"""The table of all messages: search, filters, any order, the columns that somebody wants."""

import asyncio
from collections.abc import Sequence
from datetime import date, tzinfo
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from read_api.errors import InvalidParameter
from read_api.message_filters import STATUSES
from read_api.pages import words
from read_api.pages.asking import Api, address
from read_api.pages.bars import view_bars
from read_api.pages.columns import COLUMNS, chosen
from read_api.pages.days import days
from read_api.pages.numbers import NUMBER, number_picker, of_number
from read_api.pages.rendering import page, today_in, zone_of

PATH = "/messages"
LIMITS = ("50", "100", "200")
# What is the page's own; everything else in the address is the list's.
OWN = ("columns", "count")
# What leads nowhere else: another page of the same list, and how long it is.
PLACE = ("cursor", "count")

Answer = dict[str, Any]
Pairs = Sequence[tuple[str, str]]


class Group(NamedTuple):
    """Values of one filter to choose from; the first word is the API's, the second ours."""

    name: str
    title: str
    values: tuple[tuple[str, str], ...]


YES_NO = (("true", "yes"), ("false", "no"))
GROUPS = (
    Group("direction", "Direction", (("in", "incoming"), ("out", "outgoing"))),
    Group(
        "type",
        "Type",
        tuple(
            (name, title)
            for name, title in words.TYPES.items()
            if name not in ("voice", "template")
        ),
    ),
    Group("status", "Status", tuple((status, status) for status in STATUSES)),
    Group("unread", "Unread", YES_NO),
    Group("has_media", "Has a file", YES_NO),
    Group(
        "media_state",
        "File is",
        (
            ("pending", "pending"),
            ("stored", "stored"),
            ("failed", "failed"),
            ("expired", "expired"),
        ),
    ),
)
TITLES = {
    **{group.name: group.title for group in GROUPS},
    "q": "Search",
    "phone": "Number",
    "error_code": "Error",
    "phone_number_id": "Business number",
    "from": "From",
    "to": "Before",
}
VIEWS = (
    ("All messages", ()),
    ("Not delivered", (("status", "failed"),)),
    ("Unread", (("unread", "true"),)),
    ("With a file", (("has_media", "true"),)),
    ("Files that failed", (("media_state", "failed"),)),
)


async def list_page(api: Api, request: Request) -> Response:
    """GET /messages. A question that makes no sense is shown with what is wrong with it."""
    items = [(name, text) for name, text in request.query_params.multi_items() if text]
    asked = [pair for pair in items if pair[0] not in OWN]
    zone = zone_of(request)
    query = [*asked]
    # Texts with a word that is said often take ten times longer to count than to show.
    if not dict(items).get("q") or "count" in dict(items):
        query.append(("total", "capped"))
    if any(name in ("from", "to") for name, _ in asked):
        query.append(("tz", zone_name(zone)))
    problem, found = None, _nothing()
    bars: Answer = {"behind_seconds": None, "paused": [], "rebuilding": []}
    picker: Answer = {"picker": None}
    try:
        found, oldest, picker, bars = await asyncio.gather(
            api(request, "messages/", query),
            api(request, "messages/", [("sort", "timestamp"), ("limit", "1")]),
            number_picker(api, request, PATH, [pair for pair in items if pair[0] not in PLACE]),
            view_bars(api, request, "inbox", *(("search",) if dict(items).get("q") else ())),
        )
    except InvalidParameter as error:
        problem, oldest = error, _nothing()
    number = picker["picker"] and picker["picker"]["chosen"]
    context = _context(request, found, _oldest(request, oldest), items, number)
    return page(
        request,
        "messages.html",
        {**context, **bars, **picker, "problem": problem},
        status=400 if problem else 200,
    )


def _nothing() -> Answer:
    return {"messages": [], "next_cursor": None, "prev_cursor": None, "total": 0,
            "total_is_capped": False, "position": 0}  # fmt: skip


def _oldest(request: Request, found: Answer) -> date:
    zone = zone_of(request)
    messages = found["messages"]
    return words.day(messages[0]["timestamp"], zone) if messages else today_in(zone)


def _context(
    request: Request, found: Answer, oldest: date, items: Pairs, number_name: str | None
) -> Answer:
    zone = zone_of(request)
    filters = [pair for pair in items if pair[0] in TITLES]
    # What stays when another filter is chosen: the rest, but not the place in the list.
    kept = [pair for pair in items if pair[0] not in PLACE]
    values = dict(items)
    columns = chosen([text for name, text in items if name == "columns"])
    number = of_number(items)

    def here(without: Sequence[str], *more: tuple[str, str]) -> str:
        return address(PATH, [*(pair for pair in kept if pair[0] not in without), *more])

    def onward(word: str | None) -> str | None:
        return word and here((), ("cursor", word))

    calendar = days(_date(values.get("from")), _date(values.get("to")), oldest, today_in(zone))
    return {
        "page": found,
        "values": values,
        "columns": columns,
        "all_columns": COLUMNS,
        "sort": values.get("sort", "-timestamp"),
        "sort_href": lambda sort: here(("sort",), ("sort", sort)),
        "groups": [
            {
                "title": group.title,
                "open": group.name in values,
                "choices": [
                    {
                        "title": title,
                        "current": (group.name, word) in filters,
                        "href": here((group.name,))
                        if (group.name, word) in filters
                        else here((group.name,), (group.name, word)),
                    }
                    for word, title in group.values
                ],
            }
            for group in GROUPS
        ],
        "calendar": calendar,
        "day_href": lambda choice: here(("from", "to"), *choice.query.items()),
        "all_days_href": here(("from", "to")),
        "pills": [
            {
                "text": f"{TITLES[pair[0]]}: {_said(*pair, number_name)}",
                "href": address(PATH, [other for other in kept if other != pair]),
            }
            for pair in filters
        ],
        "views": [
            {
                "title": title,
                "href": address(PATH, [*query, *number]),
                "current": [*query] == [pair for pair in filters if pair[0] != NUMBER],
            }
            for title, query in VIEWS
        ],
        "kept": [pair for pair in kept if pair[0] not in ("q", "phone", "error_code", "columns")],
        "kept_columns": [pair for pair in kept if pair[0] != "columns"],
        "limits": [(limit, here(("limit",), ("limit", limit))) for limit in LIMITS],
        "limit": values.get("limit", LIMITS[0]),
        "newer_href": onward(found["prev_cursor"]),
        "older_href": onward(found["next_cursor"]),
        "first_href": here(()) if "cursor" in values else None,
        "count_href": address(PATH, [*items, ("count", "capped")]),
        "here": address(PATH, items),
        # What is opened from here stays with the number.
        "number_query": urlencode(number),
        # The list as it is, without what only the page knows.
        "exported": urlencode([pair for pair in kept if pair[0] in TITLES or pair[0] == "sort"]),
        "zone_name": zone_name(zone),
    }


def zone_name(zone: tzinfo) -> str:
    """As the API takes it."""
    return zone.key if isinstance(zone, ZoneInfo) else "UTC"


def _said(name: str, text: str, number_name: str | None) -> str:
    if name == NUMBER:
        return number_name or text
    for group in GROUPS:
        if group.name == name:
            return dict(group.values).get(text, text)
    return text


def _date(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None
