"""Access: who asks, by a key or a session, and whether that allows what is asked."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote

from starlette.authentication import AuthCredentials, SimpleUser
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from typing_extensions import override

from read_api.numbers import set_allowed
from read_api.pages.problem import wants_page
from wharf.answer_headers import complete
from wharf.api_key import ApiKey
from wharf.cookies import session_cookie
from wharf.forgery import SAFE_METHODS, csrf_token, refuse_forged
from wharf.keyring import Keyring
from wharf.last_uses import LastUses
from wharf.limits import Buckets, RateLimited
from wharf.primary import AccessUnavailable
from wharf.scopes import Role
from wharf.sessions import Session, Sessions
from wharf.strangers import Strangers

Asked = Callable[[Request], Awaitable[Response]]
Answering = Callable[[Request, Exception], Awaitable[Response]]

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

    `csrf_token` is for the forms of a session, whose user has a `role`; a key has neither, and may
    be limited to some business `numbers`.
    """

    def __init__(
        self,
        username: str,
        display_name: str,
        scopes: frozenset[str],
        still: Callable[[], Awaitable[frozenset[str] | None]],
        session: Session | None = None,
        csrf_token: str | None = None,
        numbers: Sequence[str] | None = None,
    ) -> None:
        super().__init__(username)
        self._display_name = display_name
        self._still = still
        self.scopes = scopes
        self.session = session
        self.csrf_token = csrf_token
        self.numbers = numbers
        self.asked_scope = ANY_SCOPE

    @property
    @override
    def display_name(self) -> str:
        return self._display_name

    @property
    def limited_as(self) -> str:
        """Each session by itself, so that a forgotten tab takes nothing from its owner."""
        return self.username if self.session is None else self.session.secret_hash.hex()

    @property
    def role(self) -> Role | None:
        return None if self.session is None else self.session.role

    async def still_good(self) -> bool:
        """Whether the caller would be let in once more to what was asked: for long answers.

        In doubt yes: who can't be asked for now is not shown out.
        """
        try:
            scopes = await self._still()
        except AccessUnavailable:
            return True
        return scopes is not None and (self.asked_scope in scopes | {ANY_SCOPE})


class Rights(AuthCredentials):
    """What the caller may do, and on which business numbers; None are all."""

    def __init__(self, scopes: Sequence[str], numbers: Sequence[str] | None) -> None:
        super().__init__(scopes)
        self.numbers = numbers


@dataclass(frozen=True)
class Doors:
    """What lets callers in; `public_url` is the origin that people have in their address bar."""

    keys: Keyring
    sessions: Sessions
    uses: LastUses
    public_url: str | None = None
    requests: Buckets = field(default_factory=lambda: Buckets(0))
    strangers: Strangers = field(default_factory=Strangers)

    async def admit(self, request: Request) -> Caller:
        """Who asks. A request with a key and a session is the key's.

        Raises Unauthenticated, Forged, RateLimited and AccessUnavailable.
        """
        token = presented_token(request)
        if token is not None:
            return await self._by_key(request, token)
        found = await self.session_of(request)
        if found is None:
            raise Unauthenticated(presented=False)
        cookie, session = found
        await refuse_forged(request, cookie, self.public_url)
        self.uses.note_session(session.secret_hash)
        return self._by_session(cookie, session)

    async def recognise(self, request: Request) -> Caller | None:
        """Who has signed in, to whom a page is shown that takes no right.

        Raises RateLimited and AccessUnavailable.
        """
        found = await self.session_of(request)
        return None if found is None else self._by_session(*found)

    async def session_of(self, request: Request) -> tuple[str, Session] | None:
        """The token in the cookie, and the session that it is of.

        Raises RateLimited and AccessUnavailable.
        """
        cookie = session_cookie(request, self.public_url)
        if cookie is None:
            return None
        if self.sessions.knows(cookie):
            session = await self.sessions.check(cookie)
        else:
            async with self.strangers.looked_up(request):
                session = await self.sessions.check(cookie)
        if session is None:
            self.strangers.was_wrong(request)
            return None
        return cookie, session

    async def _by_key(self, request: Request, token: str) -> Caller:
        async def check() -> ApiKey | None:
            key = await self.keys.check(token)
            host = None if request.client is None else request.client.host
            return key if key is not None and key.comes_from(host) else None

        async def still() -> frozenset[str] | None:
            key = await check()
            return None if key is None else key.granted

        if self.keys.knows(token):
            key = await check()
        else:
            async with self.strangers.looked_up(request):
                key = await check()
        if key is None:
            self.strangers.was_wrong(request)
            raise Unauthenticated(presented=True)
        self.uses.note_key(key.id)
        name = f"key:{key.id}"
        return Caller(name, name, key.granted, still, numbers=key.phone_number_ids)

    def _by_session(self, cookie: str, session: Session) -> Caller:
        async def still() -> frozenset[str] | None:
            found = await self.sessions.check(cookie)
            return None if found is None else found.granted

        name = session.user_name
        return Caller(f"user:{name}", name, session.granted, still, session, csrf_token(cookie))


def guarded(endpoint: Asked, scope: str, doors: Doors) -> Asked:
    """The endpoint behind a check of who asks; it finds them in `request.user`, `request.auth`.

    Raises Unauthenticated, Forged, RateLimited, ScopeMissing and AccessUnavailable. A key in the
    query is refused as any unknown parameter is: addresses end up in logs and histories.
    """

    async def checked(request: Request) -> Response:
        caller = await doors.admit(request)
        # Before anything is refused: a problem's page has the header of who looks at it, too.
        _told(request, caller)
        left = doors.requests.take(caller.limited_as)
        if left is not None:
            # For the answer, or the problem document in its place.
            request.state.answer_headers = left.headers()
        set_allowed(caller.numbers)
        if scope != ANY_SCOPE and scope not in caller.scopes:
            raise ScopeMissing(scope)
        caller.asked_scope = scope
        response = await endpoint(request)
        complete(request, response)
        return response

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


def recognising(respond: Answering, doors: Doors) -> Answering:
    """`respond`, which finds in the request who has signed in, where no endpoint was asked.

    Whoever can't be told is nobody: the problem itself is answered all the same.
    """

    async def answered(request: Request, error: Exception) -> Response:
        if "user" not in request.scope and wants_page(request):
            with suppress(RateLimited, AccessUnavailable):
                caller = await doors.recognise(request)
                if caller is not None:
                    _told(request, caller)
        return await respond(request, error)

    return answered


def _told(request: Request, caller: Caller) -> None:
    request.scope["auth"] = Rights(sorted(caller.scopes), caller.numbers)
    request.scope["user"] = caller


def presented_token(request: Request) -> str | None:
    """The one key that came along; two differing ones are as good as none."""
    found = set(request.headers.getlist("X-Api-Key"))
    for header in request.headers.getlist("Authorization"):
        kind, _, token = header.partition(" ")
        found.add(token.strip() if kind.lower() == "bearer" else "")
    return found.pop() if len(found) == 1 else ("" if found else None)
