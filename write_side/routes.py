"""Every address that appends."""

import re
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import msgspec
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from write_side.cause import cause_of
from write_side.errors import DeliveryNotFound, InvalidCommand
from write_side.faults import in_words
from write_side.mark_read import MarkedRead, MarkRead, MarkReadCommand
from write_side.media.retrying import MediaRetry, RetryCommand
from write_side.reprocess import ReprocessCommand, Reprocessed
from write_side.webhook import Webhook

Wish = TypeVar("Wish", bound=BaseModel)

PREFIX = "/api/whatsapp/"
WEBHOOK = PREFIX + "webhook/"


class Endpoint(NamedTuple):
    """A path with its slash at the end, what it takes to ask there, and what is documented of it.

    `body` is a pydantic model, `answer` a TypedDict that comes with `status`; `others` are what may
    come instead, by their status. `problems` names what can go wrong beside what every command
    has. It has the shape of the read side's, whose `parameters` are objects with a `schema`.
    """

    path: str
    method: str
    scope: str
    endpoint: Callable[[Request], Awaitable[Response]]
    summary: str = ""
    parameters: Mapping[str, Any] = MappingProxyType({})
    body: type[BaseModel] | None = None
    answer: Any = None
    status: int = 200
    others: Mapping[int, Any] = MappingProxyType({})
    problems: tuple[str, ...] = ()


class Answer(TypedDict):
    """What every command answers: the position from which the views show what it did."""

    position: int


def routes(
    mark_read: MarkReadCommand, reprocess: ReprocessCommand, retry_media: RetryCommand
) -> list[Endpoint]:
    """The commands; the webhook is an ASGI callable of its own (`Webhook`) at WEBHOOK."""

    async def post_mark_read(request: Request) -> Response:
        wish = await command(request, MarkRead)
        return answered(await mark_read(wish, cause_of(request, wish.last_seen_position)))

    async def post_reprocess(request: Request) -> Response:
        id_ = request.path_params["id"]
        if not re.fullmatch(r"[0-9]{1,18}", id_):
            raise DeliveryNotFound("there is no such delivery")
        return answered(await reprocess(int(id_)))

    async def post_media_retry(request: Request) -> Response:
        answer = await retry_media(request.path_params["media_id"], request.user.username)
        return answered(answer, 202 if answer["state"] == "pending" else 200)

    return [
        Endpoint(
            PREFIX + "mark-read/",
            "POST",
            "conversations:write",
            post_mark_read,
            summary="Mark a conversation read",
            body=MarkRead,
            answer=MarkedRead,
            problems=("conversation-not-found", "ambiguous-phone", "conversation-moved"),
        ),
        Endpoint(
            PREFIX + "deliveries/{id}/reprocess/",
            "POST",
            "projections:admin",
            post_reprocess,
            summary="Append the events that a delivery's items never had",
            answer=Reprocessed,
        ),
        Endpoint(
            PREFIX + "media/{media_id:path}/retry/",
            "POST",
            "conversations:write",
            post_media_retry,
            summary="Ask once more for a file that was given up",
            answer=MediaRetry,
            others={202: MediaRetry},
        ),
    ]


def answered(content: Answer, status: int = 200) -> Response:
    """What a command did, with the position by which the views can show it."""
    return Response(
        msgspec.json.encode(content),
        status,
        media_type="application/json",
        headers={"X-Log-Position": str(content["position"])},
    )


async def command(request: Request, model: type[Wish]) -> Wish:
    """The body as a command; no body is an empty object.

    Raises InvalidCommand, which names each fault by its pointer.
    """
    body = await request.body() or b"{}"
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise InvalidCommand(in_words(error, body)) from error


__all__ = ["WEBHOOK", "Endpoint", "Webhook", "routes"]
