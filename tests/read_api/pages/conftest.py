"""Pages over an inbox that is filled by hand, without the doors in front of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.authentication import AuthCredentials, SimpleUser
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from read_api.media_routes import media_routes
from read_api.pages.routes import pages
from read_api.reading import Reading
from read_api.routes import routes
from read_api.stored_files import LocalFiles
from wharf.ledger import LogLedger
from wharf.pasts import LogPasts
from wharf.problems import exception_handlers


@pytest.fixture
def scopes() -> list[str]:
    """Everything: a test takes away what it is about."""
    return [
        "conversations:read",
        "conversations:write",
        "events:read",
        "media:read",
        "messages:read",
        "pii:read",
        "raw:read",
    ]


@pytest.fixture
async def browser(
    reading: Reading, ledger: LogLedger, pasts: LogPasts, scopes: list[str]
) -> AsyncIterator[httpx.AsyncClient]:
    questions = [*routes(reading, ledger, pasts), *media_routes(reading, LocalFiles(Path))]
    app = Starlette(
        routes=[Route(one.path, one.endpoint, methods=[one.method]) for one in pages(questions)],
        exception_handlers=exception_handlers(),
    )

    async def signed_in(scope: Scope, receive: Receive, send: Send) -> None:
        caller = {"auth": AuthCredentials(scopes), "user": SimpleUser("user:ana")}
        await app({**scope, **caller}, receive, send)

    transport = httpx.ASGITransport(app=signed_in, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers={"Accept": "text/html"}
    ) as client:
        yield client
