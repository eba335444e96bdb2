"""An operator with a key, in front of the whole application."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from events.database import connect
from tests.projections.log import Projected
from tests.write_side.posting import Store, client_for, post
from wharf.keys import create_key


class Desk:
    """Posts as Meta does, and asks with a key."""

    def __init__(self, store: Store, client: httpx.AsyncClient) -> None:
        self.store, self.client = store, client

    @property
    def app(self) -> Any:
        """The application behind the client."""
        transport = self.client._transport
        assert isinstance(transport, httpx.ASGITransport)
        return transport.app

    async def got(self, *bodies: bytes) -> None:
        for body in bodies:
            assert 200 == (await post(self.client, body)).status_code

    def project(self) -> None:
        inbox = Projected(self.store.url)
        with inbox.conn:
            inbox.catch_up()

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.client.get(f"/api/whatsapp/{path}", params=query)

    async def ask(self, path: str, **query: Any) -> dict[str, Any]:
        answer = await self.get(path, **query)
        assert 200 == answer.status_code, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def reprocess(self, id_: int) -> dict[str, Any]:
        answer = await self.client.post(f"/api/whatsapp/deliveries/{id_}/reprocess/")
        assert 200 == answer.status_code, answer.text
        found: dict[str, Any] = answer.json()
        assert str(found["position"]) == answer.headers["X-Log-Position"]
        return found


@asynccontextmanager
async def desk_at(store: Store, scopes: Sequence[str] = ("all",)) -> AsyncIterator[Desk]:
    with connect(store.url, "wharf_owner") as conn:
        key = create_key(conn, "operator", scopes)
    async with client_for(store.url) as client:
        client.headers["X-Api-Key"] = key.token
        yield Desk(store, client)
