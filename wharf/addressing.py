"""Addressing: an address without places in it is looked up, where Starlette tries all routes."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send
from typing_extensions import override


class LookedUp(Router):
    """Tries only the routes that an address can be of, in their order: so it finds the same.

    Those of an address without places are known beforehand; any other address is of a route with
    places. Redirects are none: a 307 is a failure to Meta, so both spellings of an address, with
    its last slash and without, are routes of their own.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        lifespan: Callable[[Any], AbstractAsyncContextManager[None]] | None = None,
    ) -> None:
        super().__init__(routes, redirect_slashes=False, lifespan=lifespan)
        placed = [route for route in routes if route.param_convertors]
        plain = {route.path for route in routes} - {route.path for route in placed}
        self._of_path = {
            path: Router(
                [route for route in routes if route.path_regex.match(path)], redirect_slashes=False
            )
            for path in plain
        }
        self._placed = Router(placed, redirect_slashes=False)

    @override
    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._of_path.get(scope["path"], self._placed).app(scope, receive, send)
        else:
            await super().app(scope, receive, send)
