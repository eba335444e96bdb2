"""An agent who marks conversations read, with an inbox to see what comes of it."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx

from tests.projections.log import Projected, Row, post
from tests.write_side.posting import Store

PHONE = "5511987654321"
PATH = "/api/whatsapp/mark-read/"


class Desk:
    """An agent with a key, and an inbox that is brought up to date when it is told to."""

    def __init__(self, store: Store, client: httpx.AsyncClient) -> None:
        self.store, self.client = store, client
        self.inbox = Projected(store.url)

    async def got(self, *values: Row | Sequence[Row]) -> None:
        """Deliveries came and were projected."""
        await asyncio.to_thread(post, self.store.url, *values)
        self.inbox.catch_up()

    async def marks(self, **wish: object) -> dict[str, Any]:
        answer = await self.client.post(PATH, json=wish)
        assert 200 == answer.status_code, answer.text
        found: dict[str, Any] = answer.json()
        assert str(found["position"]) == answer.headers["X-Log-Position"]
        self.inbox.catch_up()
        return found

    async def asks(self, path: str, **wish: object) -> httpx.Response:
        """The answer to a command, with the inbox brought up to date."""
        answer = await self.client.post(f"/api/whatsapp/{path}", json=wish)
        self.inbox.catch_up()
        return answer

    async def sends(
        self, method: str, path: str, wish: object = None, **headers: str
    ) -> httpx.Response:
        """The answer to a request of any method, with the inbox brought up to date."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"/api/whatsapp/{path}"
        answer = await self.client.request(method, url, headers=named, json=wish)
        self.inbox.catch_up()
        return answer

    async def sees(self, path: str, **headers: str) -> Any:
        """What a question is answered."""
        answer = await self.sends("GET", path, **headers)
        assert 200 == answer.status_code, answer.text
        return answer.json()

    def said(self) -> list[str]:
        """The types of what commands have appended."""
        query = "select type from log.events where actor is not null order by position"
        return [type_ for (type_,) in self.store.rows(query)]

    async def together(self, *wishes: tuple[str, dict[str, object]]) -> list[httpx.Response]:
        """The answers to commands that are given at once, while somebody keeps the inbox up."""
        asked = asyncio.gather(
            *(self.client.post(f"/api/whatsapp/{path}", json=wish) for path, wish in wishes)
        )
        while not asked.done():
            await asyncio.to_thread(self.inbox.catch_up)
        return await asked

    def unread(self) -> dict[str, int]:
        """By phone or user id, as the view has it."""
        return {
            row["phone_number"] or row["user_id"]: row["unread_count"]
            for row in self.inbox.conversations()
        }

    def reads(self) -> int:
        query = "select count(*) from log.events where type = 'ConversationRead'"
        return int(self.store.rows(query)[0][0])
