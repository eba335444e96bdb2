"""Every address says what it takes, and takes HEAD where it takes GET."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from read_api.routes import Endpoint
from wharf.methods import ENDLESS, addresses, routes
from wharf.problems import exception_handlers


async def said(request: Request) -> Response:
    return PlainTextResponse(request.method)


def endpoint(path: str, method: str, answer: str = "text/plain") -> Endpoint:
    return Endpoint(path, method, "", said, answer=answer)


@pytest.fixture
def client() -> httpx.AsyncClient:
    table = [
        endpoint("/notes/", "POST"),
        endpoint("/stream/", "GET", ENDLESS),
        endpoint("/notes/", "GET"),
    ]
    there = [
        route
        for each in addresses(table)
        for route in routes(each, {name: one.endpoint for name, one in each.endpoints.items()})
    ]
    app = Starlette(routes=there, exception_handlers=exception_handlers())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/notes/", {"GET", "HEAD", "OPTIONS", "POST"}), ("/stream/", {"GET", "OPTIONS"})],
)
async def test_all_methods_of_an_address_are_allowed_together(
    client: httpx.AsyncClient, path: str, allowed: set[str]
) -> None:
    options = await client.options(path)
    refused = await client.delete(path)

    assert (204, b"") == (options.status_code, options.content)
    assert (405, "method-not-allowed") == (refused.status_code, refused.json()["code"])
    for answer in (options, refused):
        assert allowed == set(answer.headers["Allow"].split(", "))


async def test_each_method_has_its_endpoint(client: httpx.AsyncClient) -> None:
    assert "GET" == (await client.get("/notes/")).text
    assert "POST" == (await client.post("/notes/")).text


async def test_head_is_asked_of_what_answers_get(client: httpx.AsyncClient) -> None:
    assert 200 == (await client.head("/notes/")).status_code


async def test_head_of_an_answer_without_end_is_refused(client: httpx.AsyncClient) -> None:
    assert 405 == (await client.head("/stream/")).status_code
