"""The session's cookie: for our own pages alone, out of reach for scripts."""

from starlette.requests import Request
from starlette.responses import Response

from wharf.sessions import GOOD_FOR

NAME = "wharf_session"
# With this prefix browsers take it from this very host alone, over https alone, for all paths.
SECURE_NAME = f"__Host-{NAME}"


def is_secure(request: Request, public_url: str | None) -> bool:
    """Whether people come by https: as the setting says, else as the request came to us."""
    return (public_url or request.url.scheme).startswith("https")


def session_cookie(request: Request, public_url: str | None) -> str | None:
    """The token that came along; a neighbour could set the plain name, so it is not both."""
    return request.cookies.get(SECURE_NAME if is_secure(request, public_url) else NAME)


def set_session_cookie(
    response: Response, request: Request, public_url: str | None, token: str
) -> None:
    secure = is_secure(request, public_url)
    response.set_cookie(
        SECURE_NAME if secure else NAME,
        token,
        max_age=int(GOOD_FOR.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def drop_session_cookie(response: Response, request: Request, public_url: str | None) -> None:
    secure = is_secure(request, public_url)
    response.delete_cookie(
        SECURE_NAME if secure else NAME, path="/", secure=secure, httponly=True, samesite="lax"
    )
