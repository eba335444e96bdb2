"""Answers: JSON with the position that the read tables had reached."""

import json
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from read_api.etags import tagged
from read_api.masking import masked, may_know
from read_api.models.page import Ends
from read_api.paging import Cut
from read_api.reading import Answers


class JSONAnswer(Response):
    """An object as JSON."""

    media_type = "application/json"

    @override
    def render(self, content: Any) -> bytes:
        return as_json(content)


def as_json(content: Any) -> bytes:
    """It as JSON; a whole number of more than 64 bits, which people may send, is kept exactly."""
    try:
        return orjson.dumps(content)
    except TypeError:
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
    request: Request,
    content: Mapping[str, Any],
    answers: Answers,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A page of a list, with an ETag that is the same until something on the page changes.

    So it is that of all but the position, which grows with whatever happens elsewhere.
    """
    page = answer(request, content, answers, headers)
    position = b'"position":%d' % answers.position
    before, _, after = bytes(page.body).rpartition(position)
    return tagged(request, page, of=before + after)


def ends(cut: Cut, answers: Answers) -> Ends:
    """How the list goes on, and how far the read tables were."""
    return {
        "next_cursor": cut.next_cursor,
        "prev_cursor": cut.prev_cursor,
        "has_more": cut.has_more,
        "position": answers.position,
    }
