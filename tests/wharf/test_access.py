"""Access: who has no key is asked for one, and who has one gets what it allows."""

from datetime import UTC, datetime

import httpx
import pytest
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from typing_extensions import override

from wharf.access import Asked, Doors, guarded
from wharf.api_key import ApiKey
from wharf.keyring import Keyring
from wharf.last_uses import LastUses
from wharf.primary import AccessUnavailable
from wharf.problems import exception_handlers
from wharf.sessions import Sessions
from write_side.errors import AmbiguousPhone


class KnownKeys(Keyring):
    """Knows some keys without a database; one makes it fail as an absent database does."""

    def __init__(self) -> None:
        super().__init__(AsyncConnectionPool(open=False))

    @override
    async def check(self, token: str) -> ApiKey | None:
        if token == "away":
            raise AccessUnavailable("no connection to the database")
        scopes = {
            "reader": ["messages:read"],
            "writer": ["conversations:write"],
            "knowing": ["messages:read", "pii:read"],
        }.get(token)
        now = datetime.now(UTC)
        return ApiKey(token, token, b"", scopes, now, None, None) if scopes else None


async def endpoint(request: Request) -> Response:
    return JSONResponse([list(request.auth.scopes), request.user.display_name])


def client_of(answering: Asked = endpoint) -> httpx.AsyncClient:
    nobody = AsyncConnectionPool[AsyncConnection[TupleRow]](open=False)
    doors = Doors(KnownKeys(), Sessions(nobody), LastUses(nobody))
    route = Route("/read", guarded(answering, "messages:read", doors))
    app = Starlette(routes=[route], exception_handlers=exception_handlers())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


@pytest.fixture
def client() -> httpx.AsyncClient:
    return client_of()


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": "Bearer reader"}, {"authorization": "bearer  reader"},
     {"X-Api-Key": "reader"}, {"X-Api-Key": "reader", "Authorization": "Bearer reader"}],
)  # fmt: skip
async def test_a_key_comes_as_a_bearer_or_in_its_own_header(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.get("/read", headers=headers)

    assert (200, [["messages:read"], "key:reader"]) == (answer.status_code, answer.json())


async def test_who_has_no_key_is_told_how_to_bring_one(client: httpx.AsyncClient) -> None:
    answer = await client.get("/read")

    assert (401, "unauthenticated") == (answer.status_code, answer.json()["code"])
    assert 'Bearer realm="wharf"' == answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer nobody"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic cmVhZGVyOg=="},
        {"Authorization": "reader"},
        {"X-Api-Key": ""},
        # Which of the two is meant is not ours to guess.
        {"Authorization": "Bearer reader", "X-Api-Key": "writer"},
    ],
)
async def test_a_key_that_is_not_good_opens_nothing(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.get("/read", headers=headers)

    assert 401 == answer.status_code
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


async def test_a_key_in_the_address_is_no_key(client: httpx.AsyncClient) -> None:
    assert 401 == (await client.get("/read?api_key=reader")).status_code


async def test_a_missing_scope_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.get("/read", headers={"X-Api-Key": "writer"})

    assert (403, "scope-missing") == (answer.status_code, answer.json()["code"])
    assert "messages:read" == answer.json()["scope"]
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


async def test_keys_that_can_not_be_checked_are_no_refusal(client: httpx.AsyncClient) -> None:
    answer = await client.get("/read", headers={"X-Api-Key": "away"})

    assert (503, "store-unavailable") == (answer.status_code, answer.json()["code"])
    assert "1" == answer.headers["Retry-After"]


async def test_every_answer_is_kept_by_nobody_and_taken_for_nothing_else(
    client: httpx.AsyncClient,
) -> None:
    for headers in ({"X-Api-Key": "reader"}, {"X-Api-Key": "writer"}, {}):
        answer = await client.get("/read", headers=headers)
        assert {
            "Cache-Control": "no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }.items() <= {name.title(): value for name, value in answer.headers.items()}.items()


async def test_a_problem_tells_no_number_to_who_may_not_know_it() -> None:
    async def ambiguous(request: Request) -> Response:
        raise AmbiguousPhone(["5511987654321"])

    for key, told in (("reader", "•••4321"), ("knowing", "5511987654321")):
        async with client_of(ambiguous) as client:
            answer = await client.get("/read", headers={"X-Api-Key": key})
        assert [told] == answer.json()["candidates"]
