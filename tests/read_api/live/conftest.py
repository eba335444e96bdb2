"""The whole application with its views, and somebody with a key who listens."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from events.database import connect
from projections.inbox.view import INBOX
from projections.media.view import MEDIA
from projections.projecting import Projecting
from tests.read_api.live.listening import Listener
from tests.wharf.ledger.desk import Desk
from tests.write_side.posting import Store, client_for
from wharf.keys import create_key


class House:
    """A database, the application on it, and its views, which follow when they are told to."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.url = desk.store.url
        self._projecting = Projecting(self.url, {"inbox": INBOX, "media": MEDIA})

    def project(self, *views: str) -> None:
        for view in views or ("inbox", "media"):
            self._projecting.catch_up(view)

    def listen(self, query: str = "", last_id: int | None = None, key: str = "") -> Listener:
        headers = [("X-Api-Key", key or self.desk.client.headers["X-Api-Key"])]
        if last_id is not None:
            headers.append(("Last-Event-ID", str(last_id)))
        return Listener(self.desk.app, query, headers)

    def key(self, *scopes: str) -> Any:
        with connect(self.url, "wharf_owner") as conn:
            return create_key(conn, "somebody", scopes)

    def close(self) -> None:
        self._projecting.close()


@pytest.fixture
async def house(database: str) -> AsyncIterator[House]:
    with connect(database, "wharf_owner") as conn:
        key = create_key(conn, "operator", ["all"])
    async with client_for(database) as client:
        client.headers["X-Api-Key"] = key.token
        house = House(Desk(Store(database), client))
        try:
            yield house
        finally:
            house.close()
