"""What a page needs to be live: the stream, and the position from which it is told what is new."""

from typing import Any

from starlette.requests import Request

from read_api.live.kinds import KINDS
from read_api.pages.asking import Api
from read_api.routes import PREFIX

STREAM = "stream/"


def stream_context(api: Api, request: Request, position: int) -> dict[str, Any]:
    """`stream` is None for who may not listen: then the page is as it was when it was made."""
    if not api.may(request, STREAM):
        return {"stream": None}
    return {
        "stream": PREFIX + STREAM,
        "stream_kinds": ",".join(sorted(KINDS)),
        "position": position,
    }
