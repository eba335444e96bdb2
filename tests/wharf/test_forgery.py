"""Forgery: what changes something by a session comes from our own pages, or is refused."""

from datetime import UTC, datetime, timedelta
from itertools import product

import httpx
import pytest
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from typing_extensions import override

from wharf.access import Doors, guarded
from wharf.api_key import ApiKey
from wharf.forgery import csrf_token
from wharf.keyring import Keyring
from wharf.last_uses import LastUses
from wharf.problems import exception_handlers
from wharf.sessions import Session, Sessions

COOKIE = "a" * 43
NOBODY = AsyncConnectionPool[AsyncConnection[TupleRow]](open=False)


class Keys(Keyring):
    @override
    async def check(self, token: str) -> ApiKey | None:
        now = datetime.now(UTC)
        return ApiKey(token, "k", b"", ["all"], now, None, None) if token == "key" else None


class SignedIn(Sessions):
    @override
    async def check(self, token: str) -> Session | None:
        now = datetime.now(UTC)
        lasting = Session(b"", "ana", "agent", now, now + timedelta(days=1))
        return lasting if token == COOKIE else None


async def endpoint(request: Request) -> Response:
    form = await request.form()
    return PlainTextResponse(f"{request.user.username} {dict(form)}"[:200])


def client_of(public_url: str | None = None) -> httpx.AsyncClient:
    doors = Doors(Keys(NOBODY), SignedIn(NOBODY), LastUses(NOBODY), public_url)
    checked = guarded(endpoint, "conversations:write", doors)
    route = Route("/do", checked, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    app = Starlette(routes=[route], exception_handlers=exception_handlers())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://wharf.test")


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
TOKENS = {
    "right": csrf_token(COOKIE),
    "another session's": csrf_token("b" * 43),
    "the cookie": COOKIE,
    "empty": "",
    "not ascii": "é",
    "none": None,
}
ORIGINS = ("http://wharf.test", "http://evil.test", "https://wharf.test", "null", None)
SITES = ("same-origin", "none", "same-site", "cross-site", None)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("credentials", "token"),
    [
        *(("session", token) for token in TOKENS),
        ("key", "none"),
        ("both", "none"),
        ("both", "another session's"),
        ("nothing", "right"),
    ],
)
async def test_who_may_change_something(credentials: str, token: str) -> None:
    """The whole table: method × cookie or key × token × Origin × Sec-Fetch-Site."""
    wrong = []
    async with client_of() as client:
        for method, origin, site in product(METHODS, ORIGINS, SITES):
            headers = {
                "Cookie": f"wharf_session={COOKIE}" if credentials in ("session", "both") else None,
                "X-Api-Key": "key" if credentials in ("key", "both") else None,
                "X-CSRF-Token": TOKENS[token],
                "Origin": origin,
                "Sec-Fetch-Site": site,
            }
            sent = [
                (name.encode(), value.encode())
                for name, value in headers.items()
                if value is not None
            ]
            answer = await client.request(method, "/do", headers=sent)
            ours = site in ("same-origin", "none") or (
                site is None and origin in ("http://wharf.test", None)
            )
            if credentials == "nothing":
                expected = 401
            elif credentials != "session" or method in ("GET", "HEAD"):
                expected = 200
            else:
                expected = 200 if ours and token == "right" else 403
            if answer.status_code != expected:
                wrong.append((method, origin, site, answer.status_code))

    assert [] == wrong


@pytest.mark.parametrize(("field", "status"), [("csrf_token", 200), ("other", 403)])
@pytest.mark.parametrize("multipart", [False, True])
async def test_a_form_brings_the_token_in_a_field_and_keeps_its_own(
    field: str, status: int, multipart: bool
) -> None:
    form = {field: csrf_token(COOKIE), "body": "call at five"}
    parts = {name: (None, value) for name, value in form.items()} if multipart else None
    async with client_of() as client:
        client.cookies["wharf_session"] = COOKIE

        answer = await client.post("/do", data=None if multipart else form, files=parts)

    assert status == answer.status_code
    assert (status == 200) == ("call at five" in answer.text)


async def test_a_refusal_says_why() -> None:
    async with client_of() as client:
        client.cookies["wharf_session"] = COOKIE

        answer = await client.post("/do", headers={"Sec-Fetch-Site": "cross-site"})

    assert (403, "csrf") == (answer.status_code, answer.json()["code"])
    assert csrf_token(COOKIE) not in answer.text


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://wharf.example.org", 200),
        ("http://wharf.example.org", 403),
        ("https://wharf.example.org:8443", 403),
        ("https://wharf.example.org.evil.test", 403),
        ("http://wharf.test", 403),
    ],
)
async def test_behind_a_proxy_the_origin_is_the_one_that_was_set(origin: str, status: int) -> None:
    async with client_of("https://wharf.example.org") as client:
        headers = {
            "Cookie": f"__Host-wharf_session={COOKIE}",
            "X-CSRF-Token": csrf_token(COOKIE),
            "Origin": origin,
        }

        assert status == (await client.post("/do", headers=headers)).status_code


@pytest.mark.parametrize(
    ("public_url", "name", "status"),
    [
        (None, "wharf_session", 200),
        (None, "__Host-wharf_session", 401),
        ("https://wharf.example.org", "__Host-wharf_session", 200),
        # A neighbour under the same domain can set this one.
        ("https://wharf.example.org", "wharf_session", 401),
    ],
)
async def test_only_the_cookie_that_we_would_set_counts(
    public_url: str | None, name: str, status: int
) -> None:
    async with client_of(public_url) as client:
        answer = await client.get("/do", headers={"Cookie": f"{name}={COOKIE}"})

        assert status == answer.status_code


async def test_a_key_that_is_not_good_is_not_saved_by_a_session() -> None:
    async with client_of() as client:
        headers = {"Cookie": f"wharf_session={COOKIE}", "X-Api-Key": "another"}

        assert 401 == (await client.get("/do", headers=headers)).status_code
