"""Hours of the week: the heat map, and the very hours that one of its cells is made of."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from starlette.requests import Request

from read_api.errors import InvalidParameter
from read_api.pages import charts
from read_api.pages.asking import Api
from read_api.pages.stretch import bucket_name

Answer = dict[str, Any]

HEAT_LEVELS = 5
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CELL = re.compile(r"([1-7])-([01][0-9]|2[0-3])", re.ASCII)


def heat(hours: Sequence[Answer]) -> list[Answer]:
    """A row for each day of the week."""
    most = max(each["messages"] for each in hours)
    days: list[Answer] = [{"name": name, "hours": []} for name in DAY_NAMES]
    for each in hours:
        level = charts.level(each["messages"], most, HEAT_LEVELS)
        cell = f"{each['weekday']}-{each['hour']:02}"
        days[each["weekday"] - 1]["hours"].append({**each, "level": level, "cell": cell})
    return days


async def ask_cell(
    api: Api, request: Request, query: Sequence[tuple[str, str]], cell: str, today: date
) -> Answer:
    """The hours of the range that make up a cell, those with messages. Raises InvalidParameter."""
    match = _CELL.fullmatch(cell)
    if match is None:
        raise InvalidParameter("cell", "has to be a day and an hour of the week, as 1-09")
    weekday, hour = int(match[1]), int(match[2])
    found = await api(request, "stats/volume/", [*query, ("bucket", "hour")])
    rows = []
    for each in found["buckets"]:
        local = datetime.fromisoformat(each["local_from"])
        if each["messages"] and (local.isoweekday(), local.hour) == (weekday, hour):
            rows.append({"name": bucket_name(each["local_from"], "hour", today), **each})
    return {"name": f"{DAY_NAMES[weekday - 1]} {hour:02}:00", "rows": rows}
