"""Answers: JSON with the position that the read tables had reached."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from read_api.masking import masked, may_know
from read_api.models.page import Ends
from read_api.paging import Cut
from read_api.reading import Answers


class JSONAnswer(Response):
    """An object as JSON."""

    media_type = "application/json"

    @override
    def render(self, content: Any) -> bytes:
        try:
            return orjson.dumps(content)
        except TypeError:
            # What a customer sent may hold a whole number of more than 64 bits: it is kept exactly.
            return json.dumps(content, ensure_ascii=False).encode()


def answer(
    request: Request,
    content: Mapping[str, Any],
    answers: Answers,
    headers: Mapping[str, str] | None = None,
) -> JSONAnswer:
    """`X-Stale: true` says that the caller took an answer older than the position it asked for."""
    stale = {"X-Stale": "true"} if answers.stale else {}
    return JSONAnswer(
        content if may_know(request) else masked(content),
        headers={
            "X-Log-Position": str(answers.position),
            # Personal data; and whoever asks again wants to know what is new.
            "Cache-Control": "no-store",
            **stale,
            **(headers or {}),
        },
    )


def listed(
    name: str, items: Sequence[Mapping[str, Any]], cut: Cut, answers: Answers
) -> dict[str, Any]:
    """A page of a list: `count` is the number of items in it, never that of a table."""
    return {"count": len(items), name: items, **ends(cut, answers)}


def ends(cut: Cut, answers: Answers) -> Ends:
    """How the list goes on, and how far the read tables were."""
    return {
        "next_cursor": cut.next_cursor,
        "prev_cursor": cut.prev_cursor,
        "has_more": cut.has_more,
        "position": answers.position,
    }
