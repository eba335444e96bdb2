"""Every address that this package answers, with the scope that it takes."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from read_api.conversation_list import list_conversations
from read_api.message_detail import get_message
from read_api.message_list import list_messages
from read_api.reading import Reading
from read_api.status_list import list_statuses

PREFIX = "/api/whatsapp/"


class Endpoint(NamedTuple):
    """A path with its slash at the end, and what it takes to ask there."""

    path: str
    method: str
    scope: str
    endpoint: Callable[[Request], Awaitable[Response]]


def routes(reading: Reading) -> list[Endpoint]:
    """Starlette takes the first that fits, so what is longer comes first."""
    table: list[tuple[str, str, Callable[[Reading, Request], Awaitable[Response]]]] = [
        ("messages/", "messages:read", list_messages),
        # A wamid is base64, which has slashes.
        ("messages/{id:path}/", "messages:read", get_message),
        ("conversations/", "conversations:read", list_conversations),
        ("statuses/", "messages:read", list_statuses),
    ]
    return [
        Endpoint(PREFIX + path, "GET", scope, partial(answer, reading))
        for path, scope, answer in table
    ]
