"""Access: who asks, by a key or a session, and whether that allows what is asked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from starlette.authentication import AuthCredentials, SimpleUser
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from typing_extensions import override

from wharf.cookies import session_cookie
from wharf.forgery import SAFE_METHODS, csrf_token, refuse_forged
from wharf.keyring import Keyring
from wharf.last_uses import LastUses
from wharf.primary import AccessUnavailable
from wharf.scopes import Role
from wharf.sessions import Session, Sessions

Asked = Callable[[Request], Awaitable[Response]]

# The scope of what everybody may ask who has a key or a session.
ANY_SCOPE = ""


class Unauthenticated(Exception):
    """There is no key and no session, or not one that is good: say who is asking."""

    def __init__(self, presented: bool) -> None:
        super().__init__(
            "this key is not valid"
            if presented
            else "a key is needed, as Authorization: Bearer or as X-Api-Key, or a session"
        )
        self.presented = presented


class ScopeMissing(Exception):
    """The caller does not have the scope that this takes."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"this takes the scope {scope}")
        self.scope = scope


class Caller(SimpleUser):
    """Who asks: `username` is what events say of it, `display_name` what people read.

    `csrf_token` is for the forms of a session, whose user has a `role`; a key has neither.
    """

    def __init__(
        self,
        username: str,
        display_name: str,
        scopes: frozenset[str],
        still: Callable[[], Awaitable[bool]],
        session: Session | None = None,
        csrf_token: str | None = None,
    ) -> None:
        super().__init__(username)
        self._display_name = display_name
        self._still = still
        self.scopes = scopes
        self.session = session
        self.csrf_token = csrf_token

    @property
    @override
    def display_name(self) -> str:
        return self._display_name

    @property
    def role(self) -> Role | None:
        return None if self.session is None else self.session.role

    async def still_good(self) -> bool:
        """Whether the key was not revoked since, and the session not ended: for long answers.

        In doubt it is: who can't be asked for now is not shown out.
        """
        try:
            return await self._still()
        except AccessUnavailable:
            return True


@dataclass(frozen=True)
class Doors:
    """What lets callers in; `public_url` is the origin that people have in their address bar."""

    keys: Keyring
    sessions: Sessions
    uses: LastUses
    public_url: str | None = None

    async def admit(self, request: Request) -> Caller:
        """Who asks. A request with a key and a session is the key's.

        Raises Unauthenticated, Forged and AccessUnavailable.
        """
        token = presented_token(request)
        if token is not None:
            return await self._by_key(token)
        cookie = session_cookie(request, self.public_url)
        session = None if cookie is None else await self.sessions.check(cookie)
        if cookie is None or session is None:
            raise Unauthenticated(presented=False)
        await refuse_forged(request, cookie, self.public_url)
        self.uses.note_session(session.secret_hash)
        return self._by_session(cookie, session)

    async def _by_key(self, token: str) -> Caller:
        key = await self.keys.check(token)
        if key is None:
            raise Unauthenticated(presented=True)

        async def still() -> bool:
            return await self.keys.check(token) is not None

        return Caller(f"key:{key.id}", f"key:{key.id}", key.granted, still)

    def _by_session(self, cookie: str, session: Session) -> Caller:
        async def still() -> bool:
            return await self.sessions.check(cookie) is not None

        name = session.user_name
        return Caller(f"user:{name}", name, session.granted, still, session, csrf_token(cookie))


def guarded(endpoint: Asked, scope: str, doors: Doors) -> Asked:
    """The endpoint behind a check of who asks; it finds them in `request.user`, `request.auth`.

    Raises Unauthenticated, Forged, ScopeMissing and AccessUnavailable. A key in the query is
    refused as any unknown parameter is: addresses end up in logs and histories.
    """

    async def checked(request: Request) -> Response:
        caller = await doors.admit(request)
        if scope != ANY_SCOPE and scope not in caller.scopes:
            raise ScopeMissing(scope)
        request.scope["auth"] = AuthCredentials(sorted(caller.scopes))
        request.scope["user"] = caller
        return await endpoint(request)

    return checked


def guarded_page(endpoint: Asked, scope: str, doors: Doors) -> Asked:
    """As `guarded`, for what people look at: who has no session is sent to where they get one."""
    checked = guarded(endpoint, scope, doors)

    async def page(request: Request) -> Response:
        try:
            return await checked(request)
        except Unauthenticated:
            if request.method not in SAFE_METHODS:
                raise
            query = f"?{request.url.query}" if request.url.query else ""
            wanted = quote(request.url.path + query, safe="")
            return RedirectResponse(f"/sign-in?next={wanted}", 303)

    return page


def presented_token(request: Request) -> str | None:
    """The one key that came along; two differing ones are as good as none."""
    found = set(request.headers.getlist("X-Api-Key"))
    for header in request.headers.getlist("Authorization"):
        kind, _, token = header.partition(" ")
        found.add(token.strip() if kind.lower() == "bearer" else "")
    return found.pop() if len(found) == 1 else ("" if found else None)
