"""Addresses that are looked up are answered as if every route had been tried."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from wharf.addressing import LookedUp
from wharf.web import Secrets, create_app


def saying(word: str) -> Route:
    """A route to the path `word`, which answers with it."""

    async def said(request: Request) -> Response:
        return PlainTextResponse(word)

    return Route(word, said)


ROUTES = ["/a/{id:int}/", "/a/new/", "/a/{name}/", "/a/old/", "/b/", "/{rest:path}/end/"]
PATHS = ["/a/1/", "/a/new/", "/a/old/", "/a/x/", "/b/", "/b", "/a/", "/", "/b/c/end/", "/b/end/"]


async def answers(app: Starlette) -> list[tuple[int, str]]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        found = [await client.request(method, path) for method in ("GET", "PUT") for path in PATHS]
    return [(answer.status_code, answer.text) for answer in found]


@pytest.mark.parametrize("names", [ROUTES, ROUTES[::-1]], ids=["as they are", "backwards"])
async def test_the_first_route_of_an_address_answers(names: list[str]) -> None:
    tried = Starlette(routes=[saying(name) for name in names])
    tried.router.redirect_slashes = False
    looked_up = Starlette()
    looked_up.router = LookedUp([saying(name) for name in names])

    assert await answers(tried) == await answers(looked_up)


def test_no_address_of_ours_is_of_many_routes() -> None:
    """Or looking it up would be for nothing."""
    app = create_app("", Secrets(app_secrets=("a secret",), verify_token="a token"))

    of_path = vars(app.router)["_of_path"]

    assert "/api/whatsapp/messages" in of_path
    assert "/api/whatsapp/messages/" in of_path
    assert max(len(router.routes) for router in of_path.values()) <= 3
