"""Forgery: a browser sends its cookie along with whatever another site makes it ask.

So what changes something by a session has to come from a page of ours, as the browser itself says,
and to bring a token that only such a page could read. Keys are sent by nobody's browser unasked.
"""

import base64
import hmac

from starlette.requests import Request

HEADER = "X-CSRF-Token"
FIELD = "csrf_token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Forged(Exception):
    """What was asked by a session does not come from a page of ours, as far as can be told."""


def csrf_token(session_token: str) -> str:
    """The token for the forms of one session: whoever has it can't tell the session's from it."""
    digest = hmac.digest(session_token.encode(), b"csrf", "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


async def refuse_forged(request: Request, session_token: str, own_origin: str | None) -> None:
    """Raises Forged for a request that changes something and may be somebody else's wish."""
    if request.method in SAFE_METHODS:
        return
    refuse_foreign(request, own_origin)
    given = (await _given(request)).encode()
    if not hmac.compare_digest(given, csrf_token(session_token).encode()):
        raise Forged(f"{HEADER}, or the field {FIELD} of a form, is not that of the session")


def refuse_foreign(request: Request, own_origin: str | None) -> None:
    """Raises Forged when the browser says that another site's page asks.

    Every browser of these years sends Sec-Fetch-Site where it trusts the connection, and the older
    ones an Origin. `own_origin` is what people have in their address bar; without it, it is what
    the request was sent to. What sends neither is no browser that could be made to.
    """
    sites = request.headers.getlist("Sec-Fetch-Site")
    if sites:
        if not {"same-origin", "none"}.issuperset(sites):
            raise Forged("another site's page asks this")
        return
    own = own_origin or f"{request.url.scheme}://{request.headers.get('Host', '')}"
    if not {own}.issuperset(request.headers.getlist("Origin")):
        raise Forged("another site's page asks this")


async def _given(request: Request) -> str:
    if HEADER in request.headers:
        return request.headers[HEADER]
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() in FORMS:
        # Kept by the request, so that the endpoint can read it again in either way.
        await request.body()
        field = (await request.form()).get(FIELD)
        return field if isinstance(field, str) else ""
    return ""
