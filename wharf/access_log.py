"""The access log: the route's template, never its parameters, which can be somebody's number."""

import logging
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)


class AccessLog:
    """Gives each request an id, and logs it when it was answered.

    The id stands in the answer as well (X-Request-Id), and in the problem document if it is one.
    """

    def __init__(self, app: ASGIApp, route: str) -> None:
        self._app, self._route = app, route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()
        # What nobody handles is answered further out.
        status, position = 500, None

        async def sent(message: Message) -> None:
            nonlocal status, position
            if message["type"] == "http.response.start":
                status = message["status"]
                for name, value in message["headers"]:
                    if name == b"x-log-position":
                        position = int(value)
                        break
                if all(name != b"x-request-id" for name, _ in message["headers"]):
                    named = (b"x-request-id", request_id.encode())
                    message = {**message, "headers": [*message["headers"], named]}
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            logger.info(
                "answered",
                extra={
                    "method": scope["method"],
                    "route": self._route,
                    "status": status,
                    "ms": round((time.perf_counter() - began) * 1000, 1),
                    "request_id": request_id,
                    "position": position,
                },
            )
