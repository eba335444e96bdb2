"""The header of a problem's page: where who looks at it may go from there."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.read_api.pages.seeing import Seen, nothing_acts
from tests.wharf.test_sign_in import browser, enter, link_for

HTML = {"Accept": "text/html"}
UNKNOWN = {"/nothing/here": 404, "/problems/never": 404, "/inbox/99999999": 404}


@pytest.fixture
async def agent(access_database: str) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(access_database) as client:
        await enter(client, await link_for(access_database))
        yield client


async def opened(client: httpx.AsyncClient, path: str, status: int) -> Seen:
    answer = await client.get(path, headers=HTML)
    assert status == answer.status_code, answer.text
    page = Seen(answer.text)
    nothing_acts(page)
    return page


async def test_it_has_the_sections_and_the_way_out(agent: httpx.AsyncClient) -> None:
    for path, status in {"/ops": 403, "/keys": 403, **UNKNOWN}.items():
        page = await opened(agent, path, status)

        assert {"/inbox", "/messages"} <= set(page.links()), path
        assert not {"/ops", "/users", "/keys"} & set(page.links()), path
        assert page.having("action", "/sign-out"), path
        assert page.having("name", "csrf_token")[0]["value"], path


async def test_a_stranger_has_neither(access_database: str) -> None:
    async with browser(access_database) as client:
        client.cookies.set("wharf_session", "x" * 43)
        page = await opened(client, "/nothing/here", 404)

    assert "/inbox" not in page.links()
    assert not page.having("action", "/sign-out")


async def test_what_never_was_is_not_said_to_have_moved(agent: httpx.AsyncClient) -> None:
    page = await opened(agent, "/inbox/99999999", 404)

    assert "Nothing is here. What was here may have been merged" in page.text
