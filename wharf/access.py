"""Access: who asks, and whether the key that came along allows it."""

from collections.abc import Awaitable, Callable

from starlette.authentication import AuthCredentials, SimpleUser
from starlette.requests import Request
from starlette.responses import Response

from wharf.keyring import Keyring

Asked = Callable[[Request], Awaitable[Response]]


class Unauthenticated(Exception):
    """There is no key, or not one that is good: say who is asking."""

    def __init__(self, presented: bool) -> None:
        super().__init__(
            "this key is not valid"
            if presented
            else "a key is needed, as Authorization: Bearer or as X-Api-Key"
        )
        self.presented = presented


class ScopeMissing(Exception):
    """The key does not have the scope that this takes."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"the key does not have the scope {scope}")
        self.scope = scope


def guarded(endpoint: Asked, scope: str, keys: Keyring) -> Asked:
    """The endpoint behind a check of the key; it finds the key's scopes in `request.auth`.

    Raises Unauthenticated, ScopeMissing and KeysUnavailable. A key in the query is refused as
    any unknown parameter is: addresses end up in logs and histories.
    """

    async def checked(request: Request) -> Response:
        token = presented_token(request)
        key = None if token is None else await keys.check(token)
        if key is None:
            raise Unauthenticated(presented=token is not None)
        if scope not in key.granted:
            raise ScopeMissing(scope)
        request.scope["auth"] = AuthCredentials(sorted(key.granted))
        request.scope["user"] = SimpleUser(f"key:{key.id}")
        return await endpoint(request)

    return checked


def presented_token(request: Request) -> str | None:
    """The one key that came along; two differing ones are as good as none."""
    found = set(request.headers.getlist("X-Api-Key"))
    for header in request.headers.getlist("Authorization"):
        kind, _, token = header.partition(" ")
        found.add(token.strip() if kind.lower() == "bearer" else "")
    return found.pop() if len(found) == 1 else ("" if found else None)
