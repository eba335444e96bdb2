"""ETags: whoever has the answer already is told so instead of getting it again.

That of something which commands change is `W/"<view>-<version>-<position>-<digest>"`, with the
position of its last change, for commands that must not be given on what is old (If-Match). The
digest is there in any case, since an answer changes also without an event: a window closes.
"""

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

KEPT = ("X-Log-Position", "X-Stale", "Cache-Control", "Content-Location", "Link")
DIGITS = 32


def tagged(request: Request, answer: Response, name: str = "", of: bytes | None = None) -> Response:
    """The answer with its ETag, or 304 without a body for an `If-None-Match` that names it.

    It is of the very bytes, so it differs for those who see numbers masked; and it is weak, since
    the log's position, which is in the headers alone, may be another one. `name` is what comes
    before the digest, `of` what it is of where that is not the whole answer.
    """
    told = bytes(answer.body) if of is None else of
    tag = f'W/"{name}{sha256(told).hexdigest()[:DIGITS]}"'
    known = request.headers.get("If-None-Match", "")
    if known.strip() == "*" or tag in (each.strip() for each in known.split(",")):
        kept = {name: answer.headers[name] for name in KEPT if name in answer.headers}
        return Response(status_code=304, headers={"ETag": tag, **kept})
    answer.headers["ETag"] = tag
    return answer


def changed_at(version: int, position: int) -> str:
    """The name of what the inbox's version says, last changed at the position."""
    return f"inbox-{version}-{position}-"
