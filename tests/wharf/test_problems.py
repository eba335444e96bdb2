"""Problems: one document for whatever went wrong, and no traceback in it."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from read_api import errors
from wharf.access import ScopeMissing, Unauthenticated
from wharf.forgery import Forged
from wharf.primary import AccessUnavailable
from wharf.problems import PROBLEMS, exception_handlers


def client_of(error: Exception) -> httpx.AsyncClient:
    """A client of an app that answers GET / with the error."""

    async def endpoint(request: Request) -> Response:
        raise error

    app = Starlette(routes=[Route("/", endpoint)], exception_handlers=exception_handlers())
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.InvalidParameter("limit", "is odd"), 400, "invalid-parameter"),
        (errors.CursorMismatch(), 400, "cursor-mismatch"),
        (errors.NotFound("message"), 404, "not-found"),
        (errors.ProjectionBehind(6, 5), 503, "projection-behind"),
        (errors.StoreUnavailable("away"), 503, "store-unavailable"),
        (AccessUnavailable("away"), 503, "store-unavailable"),
        (Forged("another site asks"), 403, "csrf"),
        (Unauthenticated(presented=False), 401, "unauthenticated"),
        (ScopeMissing("messages:read"), 403, "scope-missing"),
        (HTTPException(409, "not now"), 409, "conflict"),
        (HTTPException(413), 413, "too-large"),
        (RuntimeError("secret detail"), 500, "internal-error"),
    ],
)
async def test_every_error_is_a_problem_document(error: Exception, status: int, code: str) -> None:
    answer = await client_of(error).get("/")
    content = answer.json()

    assert "application/problem+json" == answer.headers["Content-Type"]
    assert (status, status) == (answer.status_code, content["status"])
    assert (code, f"/problems/{code}") == (content["code"], content["type"])
    assert content["request_id"] == answer.headers["X-Request-Id"]
    assert {"title", "detail", "instance"} <= content.keys()
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert (status == 503) == ("Retry-After" in answer.headers)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (HTTPException(404), "There is no such thing: nothing is at this address"),
        (HTTPException(404, "no such problem"), "There is no such thing: no such problem"),
        (HTTPException(409), "Conflict: Conflict"),
    ],
)
async def test_an_address_where_nothing_is_says_so(error: HTTPException, said: str) -> None:
    content = (await client_of(error).get("/")).json()

    assert said == f"{content['title']}: {content['detail']}"


async def test_a_bad_parameter_is_listed() -> None:
    content = (await client_of(errors.InvalidParameter("limit", "is odd")).get("/")).json()

    assert [{"parameter": "limit", "code": "invalid-parameter", "message": "is odd"}] == content[
        "errors"
    ]


async def test_what_starlette_refuses_is_a_problem_too() -> None:
    client = client_of(RuntimeError())

    missing = await client.get("/nowhere")
    wrong = await client.delete("/")

    assert (404, "not-found") == (missing.status_code, missing.json()["code"])
    assert (405, "method-not-allowed") == (wrong.status_code, wrong.json()["code"])
    assert {"GET", "HEAD"} == set(wrong.headers["Allow"].split(", "))


async def test_the_request_id_is_the_one_in_the_log() -> None:
    async def endpoint(request: Request) -> Response:
        request.state.request_id = "r-1"
        raise errors.NotFound("message")

    app = Starlette(routes=[Route("/", endpoint)], exception_handlers=exception_handlers())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert "r-1" == (await client.get("/")).json()["request_id"]


def test_every_error_of_the_read_api_has_its_problem() -> None:
    own = [kind for kind in vars(errors).values() if isinstance(kind, type)]

    assert set() == {kind for kind in own if issubclass(kind, errors.ReadError)} - {
        errors.ReadError, *PROBLEMS,
    }  # fmt: skip
