"""Every address that appends."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import msgspec
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from write_side.errors import InvalidCommand
from write_side.mark_read import MarkRead, MarkReadCommand
from write_side.webhook import Webhook

PREFIX = "/api/whatsapp/"
WEBHOOK = PREFIX + "webhook/"


class Endpoint(NamedTuple):
    """A path with its slash at the end, and what it takes to ask there."""

    path: str
    method: str
    scope: str
    endpoint: Callable[[Request], Awaitable[Response]]


def routes(mark_read: MarkReadCommand) -> list[Endpoint]:
    """The commands; the webhook is an ASGI callable of its own (`Webhook`) at WEBHOOK."""

    async def post_mark_read(request: Request) -> Response:
        wish = await command(request, MarkRead)
        answer = await mark_read(wish, request.user.username)
        return Response(
            msgspec.json.encode(answer),
            media_type="application/json",
            headers={"X-Log-Position": str(answer["position"])},
        )

    return [Endpoint(PREFIX + "mark-read/", "POST", "conversations:write", post_mark_read)]


async def command(request: Request, model: type[MarkRead]) -> MarkRead:
    """The body as a command. Raises InvalidCommand, which names each fault by its pointer."""
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise InvalidCommand(
            [
                {
                    "pointer": "".join(f"/{part}" for part in fault["loc"]),
                    "code": fault["type"],
                    "message": fault["msg"],
                }
                for fault in error.errors(include_url=False, include_input=False)
            ]
        ) from error


__all__ = ["WEBHOOK", "Endpoint", "Webhook", "routes"]
