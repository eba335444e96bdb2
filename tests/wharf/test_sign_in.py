"""Signing in through the whole application, as a browser does it, and as it must not be done."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import httpx
import pytest

from events.database import connect_async
from tests.write_side.posting import client_for
from wharf.browsers import family
from wharf.scopes import SCOPES, Role
from wharf.settings import Settings
from wharf.sign_in import HOME, local_path
from wharf.users import add_user, new_link

SESSION = "/api/whatsapp/session/"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def link_for(url: str, name: str = "ana", role: Role = "agent") -> str:
    async with await connect_async(url, "wharf_write") as conn:
        return (await add_user(conn, name, role)).token


@asynccontextmanager
async def browser(url: str, public_url: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(url, settings=Settings(public_url=public_url)) as client:
        client.headers.update({"User-Agent": BROWSER, "Sec-Fetch-Site": "same-origin"})
        yield client


async def enter(client: httpx.AsyncClient, token: str, **more: str) -> httpx.Response:
    return await client.post("/sign-in", data={"token": token, **more})


async def test_looking_at_a_link_changes_nothing_and_the_button_lets_in_once(
    access_database: str,
) -> None:
    token = await link_for(access_database)
    async with browser(access_database) as client:
        pages = [await client.get("/sign-in", params={"token": token}) for _ in range(3)]
        assert [(200, False)] * 3 == [
            (each.status_code, "set-cookie" in each.headers) for each in pages
        ]
        page = pages[-1]
        assert "ana" in page.text
        action = re.search(r'<form method="post" action="([^"]+)">', page.text)
        assert action is not None

        answer = await client.post(action[1], data=dict(hidden_fields(page.text)))
        assert (303, HOME) == (answer.status_code, answer.headers["Location"])
        me = (await client.get(SESSION)).json()
        assert ("user:ana", {"name": "ana", "role": "agent"}) == (me["actor"], me["user"])
        assert "conversations:write" in me["scopes"]
        assert "keys:admin" not in me["scopes"]

        client.cookies.clear()
        again = await enter(client, token)
        assert (403, False) == (again.status_code, "set-cookie" in again.headers)
        assert "used already" in again.text
        assert 401 == (await client.get(SESSION)).status_code


def hidden_fields(text: str) -> list[tuple[str, str]]:
    return re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text)


@pytest.mark.parametrize(
    ("public_url", "name", "secure"),
    [
        (None, "wharf_session", False),
        ("http://10.0.0.7:8000", "wharf_session", False),
        ("https://wharf.example.org", "__Host-wharf_session", True),
    ],
)
async def test_the_cookie_is_for_our_pages_alone(
    access_database: str, public_url: str | None, name: str, secure: bool
) -> None:
    token = await link_for(access_database)
    async with browser(access_database, public_url) as client:
        cookie = (await enter(client, token)).headers["Set-Cookie"]

    given, *attributes = [part.strip() for part in cookie.split(";")]
    assert re.fullmatch(rf"{name}=[A-Za-z0-9_-]{{43}}", given)
    expected = {"httponly", "path=/", "samesite=lax", "max-age=2592000"}
    assert expected | ({"secure"} if secure else set()) == {part.lower() for part in attributes}


async def test_a_session_outlives_the_process(access_database: str) -> None:
    token = await link_for(access_database)
    async with browser(access_database) as client:
        await enter(client, token)
        cookies = client.cookies

    async with browser(access_database) as client:
        client.cookies = cookies
        assert 200 == (await client.get(SESSION)).status_code


async def test_an_agent_works_in_their_own_name_with_the_token_of_the_session(
    database: str,
) -> None:
    token = await link_for(database)
    async with browser(database) as client:
        await enter(client, token)
        csrf = (await client.get(SESSION)).json()["csrf_token"]
        wish = {"conversation_id": 1}

        without = await client.post("/api/whatsapp/mark-read/", json=wish)
        foreign = await client.post(
            "/api/whatsapp/mark-read/",
            json=wish,
            headers={"X-CSRF-Token": csrf, "Sec-Fetch-Site": "cross-site"},
        )
        ours = await client.post(
            "/api/whatsapp/mark-read/", json=wish, headers={"X-CSRF-Token": csrf}
        )

    assert [(403, "csrf"), (403, "csrf"), (404, "conversation-not-found")] == [
        (answer.status_code, answer.json()["code"]) for answer in (without, foreign, ours)
    ]


async def test_signing_out_ends_the_session_and_takes_the_token_too(access_database: str) -> None:
    token = await link_for(access_database)
    async with browser(access_database) as client:
        await enter(client, token)
        kept = dict(client.cookies)
        csrf = (await client.get(SESSION)).json()["csrf_token"]

        assert 403 == (await client.post("/sign-out")).status_code
        assert 405 == (await client.get("/sign-out")).status_code
        out = await client.post("/sign-out", data={"csrf_token": csrf})

        assert (303, "/sign-in") == (out.status_code, out.headers["Location"])
        assert "wharf_session" not in client.cookies
        client.cookies = httpx.Cookies(kept)
        assert 401 == (await client.get(SESSION)).status_code
        assert 303 == (await client.post("/sign-out")).status_code, "and once more is no error"


async def test_another_site_can_not_sign_anybody_in(access_database: str) -> None:
    """Whoever works in the attacker's name tells the attacker what they write."""
    token = await link_for(access_database)
    async with browser(access_database) as client:
        client.headers["Sec-Fetch-Site"] = "cross-site"
        foreign = await enter(client, token)
        client.headers["Sec-Fetch-Site"] = "same-origin"

        assert (403, "csrf") == (foreign.status_code, foreign.json()["code"])
        assert 303 == (await enter(client, token)).status_code


async def test_who_is_in_already_is_sent_on(access_database: str) -> None:
    token = await link_for(access_database)
    async with browser(access_database) as client:
        assert 200 == (await client.get("/sign-in")).status_code
        await enter(client, token)

        answer = await client.get("/sign-in", params={"next": "/inbox/391?m=48121"})

        assert (303, "/inbox/391?m=48121") == (answer.status_code, answer.headers["Location"])


LOCAL = ["/", "/inbox", "/inbox/391?m=48121&x=%2F%2Fevil.test", "/a/b#c", "/%2f%2fevil.test"]
FOREIGN = [
    "", "inbox", "//evil.test", "///evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil.test",
    "/\n/evil.test", "/a\\b", "https://evil.test", "https:evil.test", "javascript:alert(1)",
    "/a\r\nSet-Cookie: a=b", "/ /evil.test", "/" + "a" * 2_001, "/\x00", "http://test@evil.test/",
]  # fmt: skip


def test_only_a_path_of_ours_is_gone_on_to() -> None:
    assert LOCAL == [local_path(text) for text in LOCAL]
    assert {HOME} == {local_path(text) for text in FOREIGN}


async def test_a_link_never_leads_to_another_site(access_database: str) -> None:
    async with browser(access_database) as client:
        for number, wanted in enumerate(FOREIGN):
            token = await link_for(access_database, f"user{number}")
            page = await client.get(f"/sign-in?token={token}&next={quote(wanted)}")
            assert "evil" not in page.text
            answer = await enter(client, token, next=wanted)
            assert (303, HOME) == (answer.status_code, answer.headers["Location"])
            client.cookies.clear()


async def test_a_page_to_sign_in_by_is_clean(access_database: str) -> None:
    async with browser(access_database) as client:
        token = '"><script>alert(1)</script>'
        page = await client.get("/sign-in", params={"token": token, "next": '/"><script>'})

    assert 403 == page.status_code
    assert "<script>" not in page.text
    assert "style=" not in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert ("no-store", "nosniff", "same-origin") == (
        page.headers["Cache-Control"],
        page.headers["X-Content-Type-Options"],
        page.headers["Referrer-Policy"],
    )


async def test_an_admin_may_do_everything(access_database: str) -> None:
    async with browser(access_database) as client:
        await enter(client, await link_for(access_database, "boss", "admin"))

        assert sorted(SCOPES) == (await client.get(SESSION)).json()["scopes"]


async def test_a_link_that_was_replaced_opens_nothing(access_database: str) -> None:
    first = await link_for(access_database)
    async with await connect_async(access_database, "wharf_write") as conn:
        second = (await new_link(conn, "ana")).token
    async with browser(access_database) as client:
        assert [403, 303] == [(await enter(client, link)).status_code for link in (first, second)]


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        (BROWSER, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; like Mac OS X) Version/19 Safari/604.1", "Safari on iOS"),
        ("Mozilla/5.0 (Linux; Android 16; Pixel) Chrome/140 Safari/537", "Chrome on Android"),
        ("curl/8.5.0 ana@example.org", "another browser"),
        ("", "another browser"),
    ],
)
def test_a_browser_is_known_by_its_family(user_agent: str, expected: str) -> None:
    assert expected == family(user_agent)
