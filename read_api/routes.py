"""Every address that this package answers, with the scope that it takes."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from read_api.message_detail import get_message
from read_api.message_list import list_messages
from read_api.reading import Reading


class Endpoint(NamedTuple):
    """A path with its slash at the end, and what it takes to ask there."""

    path: str
    method: str
    scope: str
    endpoint: Callable[[Request], Awaitable[Response]]


def routes(reading: Reading) -> list[Endpoint]:
    """Starlette takes the first that fits, so what is longer comes first."""
    return [
        Endpoint(
            "/api/whatsapp/messages/", "GET", "messages:read", partial(list_messages, reading)
        ),
        # A wamid is base64, which has slashes.
        Endpoint(
            "/api/whatsapp/messages/{id:path}/",
            "GET",
            "messages:read",
            partial(get_message, reading),
        ),
    ]
