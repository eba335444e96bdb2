"""Statistics: charts with their tables under them, each number with what it counts."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from read_api.errors import InvalidParameter
from read_api.pages import charts, messages
from read_api.pages.asking import Api, address
from read_api.pages.bars import view_bars
from read_api.pages.rendering import page, today_in, zone_of
from read_api.pages.stats_hours import ask_cell, heat
from read_api.pages.stretch import PRESETS, WIDTHS, Stretch, bucket_name, stretch
from read_api.routes import PREFIX

PATH = "/stats"
SCOPE = "stats:read"
# What stands in the address; anything else is not ours and is passed over.
KNOWN = ("days", "from", "through", "by", "phone_number_id", "hours", "weekdays", "cell")
WEEKDAYS = (("1-5", "Mon to Fri"), ("1-6", "Mon to Sat"), ("1-7", "every day"))
NAMES_MAX = 5

Answer = dict[str, Any]


async def show_stats(api: Api, request: Request) -> Response:
    """GET /stats: of the last 30 days, unless the address says of which."""
    asked = {name: text for name, text in request.query_params.items() if name in KNOWN and text}
    today = today_in(zone_of(request))
    numbers = await api(request, "numbers/") if api.may(request, "numbers/") else {"numbers": []}
    problem = found = of = None
    try:
        of = stretch(asked, today)
        found = await _ask(api, request, of, asked, today)
    except InvalidParameter as error:
        problem = error
    context = {
        **_filters(asked, of, today, numbers["numbers"]),
        **await view_bars(api, request, "stats"),
        "problem": problem,
        "found": found and of and _shown(found, of, today),
    }
    return page(request, "stats.html", context, status=400 if problem else 200)


async def _ask(
    api: Api, request: Request, of: Stretch, asked: dict[str, str], today: date
) -> Answer:
    """All answers of one range; each has its own snapshot, some milliseconds apart."""
    zone = zone_of(request)
    try:
        until = of.last + timedelta(days=1)
    except OverflowError:
        raise InvalidParameter("through", "is out of range") from None
    query = [
        ("from", of.first.isoformat()),
        ("to", until.isoformat()),
        ("tz", zone.key if isinstance(zone, ZoneInfo) else "UTC"),
        *((name, asked[name]) for name in ("phone_number_id",) if name in asked),
    ]
    open_ = [
        (name, asked[key])
        for name, key in (("hours", "hours"), ("days", "weekdays"))
        if key in asked
    ]
    summary, types, hours, errors, waits, agents = await asyncio.gather(
        api(request, "stats/summary/", [*query, ("bucket", of.width)]),
        api(request, "stats/types/", [*query, ("bucket", "month")]),
        api(request, "stats/hours/", query),
        api(request, "stats/errors/", [*query, ("bucket", "month")]),
        api(request, "stats/response-times/", [*query, *open_, ("bucket", of.width)]),
        api(request, "stats/agents/", query),
    )
    cell = None
    if "cell" in asked and hours["volume_url"]:
        cell = await ask_cell(api, request, query, asked["cell"], today)
    return {
        "summary": summary,
        "types": types,
        "hours": hours,
        "errors": errors,
        "waits": waits,
        "agents": agents,
        "cell": cell,
    }


def _filters(
    asked: dict[str, str], of: Stretch | None, today: date, numbers: Sequence[Answer]
) -> Answer:
    """What the form has: what was asked for stays in it, also where it is no stretch of days."""
    number = asked.get("phone_number_id")
    kept = [
        (name, asked[name]) for name in ("phone_number_id", "hours", "weekdays") if name in asked
    ]
    here = [(name, text) for name, text in asked.items() if name != "cell"]
    usual = stretch({}, today)
    known = [each["phone_number_id"] for each in numbers]
    return {
        "stretch": of,
        "first": of.first.isoformat() if of else asked.get("from", usual.first.isoformat()),
        "last": of.last.isoformat() if of else asked.get("through", usual.last.isoformat()),
        "number": number,
        "numbers": [
            *numbers,
            # An address may name one that nobody has written to yet.
            *(
                [{"phone_number_id": number, "display_phone_number": None}]
                if number is not None and number not in known
                else []
            ),
        ],
        "by": asked.get("by"),
        "weekdays": WEEKDAYS,
        "asked": asked,
        "cell_href": f"{address(PATH, here)}{'&' if here else '?'}cell=",
        "widths": [(name, title) for name, (title, _) in WIDTHS.items()],
        "presets": [
            {
                "title": title,
                "current": of is not None and of.days == days,
                "href": address(PATH, [("days", str(days)), *kept]),
            }
            for days, title in PRESETS
        ],
    }


def _shown(found: Answer, of: Stretch, today: date) -> Answer:
    summary = found["summary"]
    buckets = summary["buckets"]
    names = [bucket_name(each["local_from"], of.width, today) for each in buckets]
    return {
        "total": summary["total"],
        "definitions": summary["definitions"] | found["errors"]["definitions"]
        | found["hours"]["definitions"] | found["types"]["definitions"]
        | found["waits"]["definitions"] | found["agents"]["definitions"],
        "tz": summary["tz"],
        "bucket": WIDTHS[of.width][0],
        "rows": [{"name": name, **bucket} for name, bucket in zip(names, buckets, strict=True)],
        "names": _few(names),
        "volume": _volume(buckets),
        "waits": _waits(buckets),
        "width": charts.width(len(buckets)),
        "types": found["types"]["types"],
        "types_most": max((each["messages"] for each in found["types"]["types"]), default=0),
        "errors": found["errors"]["errors"],
        "agents": found["agents"]["agents"],
        "heat": heat(found["hours"]["hours"]),
        "cells": found["hours"]["volume_url"] is not None,
        "cell": found["cell"],
        "business_hours": found["waits"]["business_hours"],
        "in_business_hours": [
            each["in_business_hours"]
            for each in (*found["waits"]["buckets"], found["waits"]["total"])
        ],
        "rows_of": rows_of,
        "share_of": share_of,
    }  # fmt: skip


def _volume(buckets: Sequence[Answer]) -> Answer:
    parts = [(each["in"]["messages"], each["out"]["messages"]) for each in buckets]
    scale, ticks = charts.counts([sum(each) for each in parts])
    return {"ticks": ticks, "columns": charts.columns(scale, parts)}


def _waits(buckets: Sequence[Answer]) -> Answer:
    median = [each["response_times"]["median_s"] for each in buckets]
    p90 = [each["response_times"]["p90_s"] for each in buckets]
    scale, ticks = charts.times([*median, *p90])
    return {
        "ticks": ticks,
        "median": charts.lines(scale, median),
        "p90": charts.lines(scale, p90),
        "any": any(each is not None for each in median),
    }


def _few(names: Sequence[str]) -> list[str]:
    """As many as fit below a chart, the first and the last among them."""
    if len(names) <= NAMES_MAX:
        return list(names)
    last, parts = len(names) - 1, NAMES_MAX - 1
    return [names[round(place * last / parts)] for place in range(NAMES_MAX)]


def rows_of(url: str) -> str:
    """The page of the rows behind a number, from the API's address of them."""
    return url.replace(f"{PREFIX}messages/", messages.PATH, 1)


def share_of(part: int, whole: int) -> str:
    """In percent, without a claim to be all or nothing that is not true."""
    if whole == 0:
        return "–"
    percent = 100 * part / whole
    if 0 < percent < 1 or 99 < percent < 100:
        return f"{percent:.1f} %"
    return f"{percent:.0f} %"
