"""Every address that appends."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgspec
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from write_side.errors import DeliveryNotFound, InvalidCommand
from write_side.mark_read import MarkRead, MarkReadCommand
from write_side.media.retrying import RetryCommand
from write_side.reprocess import ReprocessCommand
from write_side.webhook import Webhook

PREFIX = "/api/whatsapp/"
WEBHOOK = PREFIX + "webhook/"


class Endpoint(NamedTuple):
    """A path with its slash at the end, and what it takes to ask there."""

    path: str
    method: str
    scope: str
    endpoint: Callable[[Request], Awaitable[Response]]


def routes(
    mark_read: MarkReadCommand, reprocess: ReprocessCommand, retry_media: RetryCommand
) -> list[Endpoint]:
    """The commands; the webhook is an ASGI callable of its own (`Webhook`) at WEBHOOK."""

    async def post_mark_read(request: Request) -> Response:
        wish = await command(request, MarkRead)
        return _answer(await mark_read(wish, request.user.username))

    async def post_reprocess(request: Request) -> Response:
        id_ = request.path_params["id"]
        if not re.fullmatch(r"[0-9]{1,18}", id_):
            raise DeliveryNotFound("there is no such delivery")
        return _answer(await reprocess(int(id_)))

    async def post_media_retry(request: Request) -> Response:
        answer = await retry_media(request.path_params["media_id"], request.user.username)
        return _answer(answer, 202 if answer["state"] == "pending" else 200)

    return [
        Endpoint(PREFIX + "mark-read/", "POST", "conversations:write", post_mark_read),
        Endpoint(
            PREFIX + "deliveries/{id}/reprocess/", "POST", "projections:admin", post_reprocess
        ),
        Endpoint(
            PREFIX + "media/{media_id:path}/retry/", "POST", "conversations:write", post_media_retry
        ),
    ]


def _answer(content: dict[str, Any], status: int = 200) -> Response:
    """What a command did, with the position by which the views can show it."""
    return Response(
        msgspec.json.encode(content),
        status,
        media_type="application/json",
        headers={"X-Log-Position": str(content["position"])},
    )


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
