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
        endpoint("/notes/{id}/", "PATCH"),
        endpoint("/notes/{id}/", "DELETE"),
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
    [
        ("/notes/", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/stream/", {"GET", "OPTIONS"}),
        ("/notes/7/", {"DELETE", "OPTIONS", "PATCH"}),
    ],
)
async def test_all_methods_of_an_address_are_allowed_together(
    client: httpx.AsyncClient, path: str, allowed: set[str]
) -> None:
    options = await client.options(path)
    refused = await client.put(path)

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


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_a_form_names_in_the_address_what_it_can_not_say(
    client: httpx.AsyncClient, method: str
) -> None:
    answer = await client.post(f"/notes/7/?_method={method}", data={"body": "x"})

    assert (200, method) == (answer.status_code, answer.text)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/notes/7/", {}),
        ("/notes/7/?_method=PUT", {}),
        ("/notes/7/?_method=GET", {}),
        ("/notes/7/?_method=", {}),
        ("/notes/7/?_method=PATCH", {"Content-Type": "application/json"}),
        ("/notes/7/?_method=PATCH", {"X-Api-Key": "k"}),
        ("/notes/?_method=DELETE", {}),
    ],
)
async def test_nobody_else_gets_another_method_that_way(
    client: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    answer = await client.post(path, headers=form)

    assert 405 == answer.status_code
    assert "POST" not in answer.headers["Allow"] or path.startswith("/notes/?")
