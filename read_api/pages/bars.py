"""Bars: what a reader has to know about the tables that a page comes from.

A page includes `_view_bars.html` in its bars, and has `**await view_bars(api, request, "inbox")` in
its context, with the names of the views that it shows.
"""

from typing import Any

from starlette.requests import Request

from read_api.errors import ReadError
from read_api.pages.asking import Api

# As long as nobody would notice.
BEHIND_S_MIN = 5.0


async def view_bars(api: Api, request: Request, *views: str) -> dict[str, Any]:
    """`behind_seconds`, a number or None, `paused`, the names of the views that somebody holds, and
    `rebuilding`, the views that are being built anew.

    Each of the latter has name, version and rebuild, as GET views/ answers them. A page that has
    its rows is shown, whatever becomes of this question.
    """
    nothing: dict[str, Any] = {"behind_seconds": None, "paused": [], "rebuilding": []}
    if not api.may(request, "views/"):
        return nothing
    try:
        found = (await api(request, "views/"))["views"]
    except ReadError:
        return nothing
    shown = [each for each in found if each["name"] in views]
    behind = max((each["behind_seconds"] for each in shown), default=0.0)
    return {
        "behind_seconds": behind if behind > BEHIND_S_MIN else None,
        "paused": [each["name"] for each in shown if each["paused_at"] is not None],
        "rebuilding": [each for each in shown if each["rebuild"] is not None],
    }
