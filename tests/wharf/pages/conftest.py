"""An admin at their browser."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.read_api.pages.seeing import Seen
from tests.wharf.test_sign_in import browser, enter, link_for

HOSTILE = "<script>alert(1)</script><b onclick=x>"


class Admin:
    """Sends the forms of pages, with what a page puts into them."""

    def __init__(self, client: httpx.AsyncClient, csrf_token: str) -> None:
        self.client = client
        self.csrf_token = csrf_token

    async def see(self, path: str, status: int = 200) -> Seen:
        answer = await self.client.get(path, headers={"Accept": "text/html"})
        assert status == answer.status_code, answer.text
        return Seen(answer.text)

    async def send(self, path: str, status: int = 200, **fields: Any) -> Seen:
        data = {"csrf_token": self.csrf_token, **fields}
        answer = await self.client.post(path, data=data, headers={"Accept": "text/html"})
        assert status == answer.status_code, answer.text
        return Seen(answer.text)


@pytest.fixture
async def boss(access_database: str) -> AsyncIterator[Admin]:
    async with browser(access_database) as client:
        await enter(client, await link_for(access_database, "boss", "admin"))
        session = (await client.get("/api/whatsapp/session/")).json()
        yield Admin(client, session["csrf_token"])
