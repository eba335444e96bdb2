"""GET session/: who the caller is and what they may do."""

from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from read_api.answers import JSONAnswer
from read_api.routes import PREFIX, Endpoint
from wharf.access import ANY_SCOPE, Caller
from wharf.scopes import Role


class SessionUser(TypedDict):
    """Somebody who signed in."""

    name: str
    role: Role


class SessionAnswer(TypedDict):
    """`user` and `csrf_token` are null for a key. `actor` is what events say of the caller."""

    actor: str
    user: SessionUser | None
    scopes: list[str]
    csrf_token: str | None


async def get_session(request: Request) -> Response:
    """Whose session, or which key, this request came with."""
    return JSONAnswer(session_answer(request.user), headers={"Cache-Control": "no-store"})


def session_answer(caller: Caller) -> SessionAnswer:
    role = caller.role
    return {
        "actor": caller.username,
        "user": None if role is None else {"name": caller.display_name, "role": role},
        "scopes": sorted(caller.scopes),
        "csrf_token": caller.csrf_token,
    }


ENDPOINT = Endpoint(
    PREFIX + "session/",
    "GET",
    ANY_SCOPE,
    get_session,
    summary="Who the caller is, and what they may do",
    answer=SessionAnswer,
)
