"""The page of exports over an API that answers what the test says."""

from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette
from starlette.authentication import AuthCredentials, SimpleUser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from read_api.pages import exports
from read_api.pages.routes import pages
from read_api.routes import PREFIX, Endpoint
from tests.read_api.pages.seeing import Seen, nothing_acts, seen

HOSTILE = "<script>alert(1)</script><b onclick=x>"

Show = Callable[..., Any]


class SignedIn(SimpleUser):
    csrf_token = "the-token-of-the-session"


def export(state: str = "ready", **more: Any) -> dict[str, Any]:
    ready = state == "ready"
    return {
        "id": "7f1c2b9a-0000-4000-8000-000000000001",
        "kind": "messages",
        "format": "csv",
        "state": state,
        "filters": {"status": ["failed", "read"], "q": "cake"},
        "created_at": "2026-11-22T10:02:12.204Z",
        "rows": 1234,
        "bytes": 56_789 if ready else None,
        "file_url": "/api/whatsapp/exports/7f1c2b9a/file" if ready else None,
        "expires_at": "2026-11-29T10:02:12.204Z" if ready else None,
        "reason": None,
        **more,
    }


@pytest.fixture
def show() -> Show:
    async def shown(*found: dict[str, Any], path: str = exports.PATH) -> Seen:
        async def listed(request: Request) -> Response:
            return Response(orjson.dumps({"exports": found}))

        endpoint = Endpoint(PREFIX + "exports/", "GET", exports.SCOPE, listed)
        app = Starlette(routes=[Route(one.path, one.endpoint) for one in pages([endpoint])])

        async def signed_in(scope: Scope, receive: Receive, send: Send) -> None:
            caller = {"auth": AuthCredentials([exports.SCOPE]), "user": SignedIn("user:ana")}
            await app({**scope, **caller}, receive, send)

        transport = httpx.ASGITransport(app=signed_in)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await seen(client, path)

    return shown


async def test_a_file_that_is_ready_can_be_fetched_and_deleted(show: Show) -> None:
    page = await show(export())

    assert "/api/whatsapp/exports/7f1c2b9a/file" in page.links()
    assert "Status: failed, Status: read, Search: cake" in page.text
    assert "56.8 kB" in page.text
    (form,) = [attrs for tag, attrs in page.tags if tag == "form" and "exports" in str(attrs)]
    assert str(form["action"]).endswith("?_method=DELETE")
    assert page.having("name", "csrf_token")
    assert not page.having("hx-trigger", "every 2s")


@pytest.mark.parametrize("state", ["queued", "making"])
async def test_what_is_being_made_is_asked_for_again(show: Show, state: str) -> None:
    page = await show(export(state, filters="q=cake&type=text"))

    assert page.having("hx-trigger", "every 2s")
    assert "Search: cake, Type: text" in page.text
    assert "Cancel" in page.text
    part = await show(export(state), path="/exports?part=list")
    assert ("div", "exports") in [(tag, attrs.get("id")) for tag, attrs in part.tags]
    assert "Only you see yours" not in part.text


async def test_without_exports_it_says_how_to_make_one(show: Show) -> None:
    page = await show()

    assert "Nothing exported yet." in page.text
    assert "/messages" in page.links()


async def test_what_somebody_filtered_by_is_text(show: Show) -> None:
    page = await show(export("failed", filters={HOSTILE: HOSTILE}, reason=HOSTILE))

    assert HOSTILE in page.text
    nothing_acts(page)
