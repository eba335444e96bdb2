"""Every address that this package answers, with the scope that it takes."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from read_api.attempt_list import list_handshakes, list_refused
from read_api.conversation_list import list_conversations
from read_api.delivery_detail import get_delivery
from read_api.delivery_list import list_deliveries
from read_api.ledger import Ledger
from read_api.message_detail import get_message
from read_api.message_list import list_messages
from read_api.originals import get_delivery_raw, get_message_raw
from read_api.reading import Reading
from read_api.status_list import list_statuses

PREFIX = "/api/whatsapp/"


class Endpoint(NamedTuple):
    """A path with its slash at the end, and what it takes to ask there."""

    path: str
    method: str
    scope: str
    endpoint: Callable[[Request], Awaitable[Response]]


def routes(reading: Reading, ledger: Ledger) -> list[Endpoint]:
    """Starlette takes the first that fits, so what is longer comes first."""
    table: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        ("messages/", "messages:read", partial(list_messages, reading)),
        # A wamid is base64, which has slashes.
        ("messages/{id:path}/raw/", "raw:read", partial(get_message_raw, ledger, reading)),
        ("messages/{id:path}/", "messages:read", partial(get_message, reading)),
        ("conversations/", "conversations:read", partial(list_conversations, reading)),
        ("statuses/", "messages:read", partial(list_statuses, reading)),
        ("deliveries/", "events:read", partial(list_deliveries, ledger, reading)),
        ("deliveries/refused/", "events:read", partial(list_refused, ledger, reading)),
        ("deliveries/{id}/raw/", "raw:read", partial(get_delivery_raw, ledger)),
        ("deliveries/{id}/", "events:read", partial(get_delivery, ledger)),
        ("handshakes/", "events:read", partial(list_handshakes, ledger, reading)),
    ]
    return [Endpoint(PREFIX + path, "GET", scope, answer) for path, scope, answer in table]
