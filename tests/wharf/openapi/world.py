"""A whole application with the demo's day in it, and a key that may do everything."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx

from events.database import connect
from projections import projector
from projections.catalogue import VIEWS
from tests.write_side.posting import TOKEN, client_for, post
from wharf.demo.traffic import a_day
from wharf.keys import create_key

START = datetime(2026, 11, 22, 8, tzinfo=UTC)


class World(NamedTuple):
    """Where the database is, and the key."""

    url: str
    token: str


async def make_world(url: str) -> World:
    """The demo's day, and somebody at the webhook who should not be there."""
    with connect(url, "wharf_owner") as conn:
        token = create_key(conn, "everything", ["all"]).token
    async with client_for(url) as client:
        for each in a_day(START):
            assert 200 == (await post(client, each.body)).status_code
        assert 401 == (await post(client, b"{}", "another secret")).status_code
        for verify_token in (TOKEN, "a guess"):
            question = {"hub.mode": "subscribe", "hub.challenge": "1"}
            await client.get(
                "/api/whatsapp/webhook/", params={**question, "hub.verify_token": verify_token}
            )
    catch_up(url)
    return World(url, token)


def catch_up(url: str) -> None:
    with projector.connect_projector(url) as conn:
        for view in VIEWS.values():
            projector.catch_up(conn, view, 1)


@contextmanager
def projecting(url: str) -> Iterator[None]:
    """Keep the views up to date, as a worker does."""
    ended = threading.Event()

    def run() -> None:
        with projector.connect_projector(url) as conn:
            while not ended.wait(0.02):
                for view in VIEWS.values():
                    projector.catch_up(conn, view, 1)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@asynccontextmanager
async def asking(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the started application, with the key."""
    async with client_for(world.url) as client:
        client.headers["X-Api-Key"] = world.token
        yield client


async def ask(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    """What a GET answers, which has to be 200."""
    answer = await client.get(f"/api/whatsapp/{path}", params=query)
    assert 200 == answer.status_code, answer.text
    return answer.json()
