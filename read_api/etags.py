"""ETags: whoever has the answer already is told so instead of getting it again."""

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

KEPT = ("X-Log-Position", "X-Stale", "Cache-Control")


def tagged(request: Request, answer: Response) -> Response:
    """The answer with its ETag, or 304 without a body for an `If-None-Match` that names it.

    It is of the very bytes, so it differs for those who see numbers masked; and it is weak, since
    the log's position, which is in the headers alone, may be another one.
    """
    tag = f'W/"{sha256(bytes(answer.body)).hexdigest()[:32]}"'
    known = request.headers.get("If-None-Match", "")
    if known.strip() == "*" or tag in (each.strip() for each in known.split(",")):
        kept = {name: answer.headers[name] for name in KEPT if name in answer.headers}
        return Response(status_code=304, headers={"ETag": tag, **kept})
    answer.headers["ETag"] = tag
    return answer
