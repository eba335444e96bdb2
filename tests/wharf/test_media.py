"""Media from webhook to download: the whole service, a Graph API on loopback beside it."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from functools import partial
from hashlib import sha256
from pathlib import Path

import httpx
import psycopg
import pytest
from click.testing import CliRunner

from events.database import connect
from tests.write_side.media.graph import LOOKUP, MEDIA_ID, PICTURE, TOKEN, Graph, graph_api
from tests.write_side.media.place import picture
from tests.write_side.posting import SECRET, eventually, post
from tests.write_side.posting import TOKEN as VERIFY_TOKEN
from wharf.broker import make_broker
from wharf.cli_media import media
from wharf.keys import create_key
from wharf.media import media_work
from wharf.settings import Settings
from wharf.web import Secrets, create_app
from wharf.workers import Workers

pytestmark = pytest.mark.slow

URL = f"/api/whatsapp/media/{MEDIA_ID}/"


@dataclasses.dataclass
class Service:
    settings: Settings
    graph: Graph
    client: httpx.AsyncClient

    async def got(self, **more: object) -> None:
        change = {"field": "messages", "value": picture(**more)}  # type: ignore[arg-type]
        entry = {"id": "1", "changes": [change]}
        body = httpx.Request(
            "POST", "http://x", json={"object": "whatsapp_business_account", "entry": [entry]}
        ).content
        assert 200 == (await post(self.client, body)).status_code

    async def becomes(self, status: int) -> httpx.Response:
        async def so() -> bool:
            return bool((await self.client.get(URL)).status_code == status)

        await eventually(so)
        return await self.client.get(URL)


@pytest.fixture
async def service(database: str, tmp_path: Path) -> AsyncIterator[Service]:
    async with graph_api() as graph:
        settings = Settings(
            access_token=TOKEN, graph_url=graph.url, data_dir=tmp_path, database_url=database
        )
        with connect(database, "wharf_owner") as conn:
            key = create_key(conn, "agent", ["all"]).token
        workers = Workers(database, partial(make_broker, "stub://"), media_work(database, settings))
        secrets = Secrets(app_secrets=(SECRET,), verify_token=VERIFY_TOKEN)
        app = create_app(database, secrets, workers.publisher.appended, settings)
        await asyncio.to_thread(workers.__enter__)
        try:
            async with app.router.lifespan_context(app):
                transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
                async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                    client.headers["X-Api-Key"] = key

                    async def ready() -> bool:
                        return (await client.get("/readyz")).status_code == 200

                    await eventually(ready)
                    yield Service(settings, graph, client)
        finally:
            await asyncio.to_thread(workers.__exit__)


async def test_a_picture_comes_home_by_itself(service: Service, tmp_path: Path) -> None:
    service.graph.serves()
    await service.got()

    answer = await service.becomes(200)

    assert (PICTURE, "image/jpeg") == (answer.content, answer.headers["content-type"])
    digest = sha256(PICTURE).hexdigest()
    assert (tmp_path / "media" / digest[:2] / digest[2:4] / digest).exists()
    (message,) = (await service.client.get("/api/whatsapp/messages/")).json()["messages"]
    assert (URL, "stored") == (message["media_url"], message["media"]["state"])


async def test_what_was_given_up_is_asked_for_anew(service: Service, database: str) -> None:
    """Over HTTP, and by the command line."""
    service.graph.on(LOOKUP, service.graph.lookup(url="https://elsewhere.example/"))
    await service.got()
    await service.becomes(202)
    await eventually(lambda: hurried(database))
    assert "host-not-allowed" == (await service.becomes(409)).json()["reason"]

    first = await service.client.post(f"{URL}retry/")
    assert (202, "pending", 1) == (
        first.status_code,
        first.json()["state"],
        first.json()["requested"],
    )
    again = await service.client.post(f"{URL}retry/")
    assert first.json()["position"] == again.json()["position"]
    await eventually(lambda: hurried(database))
    await service.becomes(409)

    service.graph.serves()
    runner = CliRunner()
    result = await asyncio.to_thread(
        runner.invoke, media, ["retry", "--all-failed"], obj=service.settings
    )

    assert "1 of 1 files asked for anew\n" == result.output
    assert PICTURE == (await service.becomes(200)).content
    stored = await service.client.post(f"{URL}retry/")
    assert (200, "stored", 0) == (
        stored.status_code,
        stored.json()["state"],
        stored.json()["requested"],
    )


async def hurried(url: str) -> bool:
    """No wait is waited for; whether the job is closed.

    A job that somebody is at stays theirs: taken away again and again, it would never be done.
    """
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        await conn.execute(
            "update ops.media_jobs set next_at = now() where closed_at is null and lease is null"
        )
        found = await conn.execute(
            "select count(*) from log.events where type = 'MediaFailed'"
            " and (data ->> 'final')::boolean"
        )
        finals = await found.fetchone()
        found = await conn.execute("select count(*) from log.events where type = 'MediaRequested'")
        wishes = await found.fetchone()
    assert finals is not None
    assert wishes is not None
    return bool(finals[0] > wishes[0])


async def test_nobody_asks_for_what_was_never_sent(service: Service) -> None:
    assert 404 == (await service.client.post(f"{URL}retry/")).status_code
    result = await asyncio.to_thread(
        CliRunner().invoke, media, ["retry", "7"], obj=service.settings
    )
    assert (1, True) == (result.exit_code, "no message refers" in result.output)


async def test_a_download_that_hangs_holds_nothing_up_and_no_end(service: Service) -> None:
    async def hangs(writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    service.graph.on(LOOKUP, hangs)
    await service.got()

    async def asked() -> bool:
        return LOOKUP in service.graph.paths

    await eventually(asked)
    await service.got(wamid="wamid.later")

    async def seen() -> bool:
        answer = await service.client.get("/api/whatsapp/messages/")
        return len(answer.json()["messages"]) == 2

    await eventually(seen)


@pytest.mark.parametrize("arguments", [["retry"], ["retry", "7", "--all-failed"]])
def test_retry_wants_either_an_id_or_all(arguments: list[str]) -> None:
    assert 2 == CliRunner().invoke(media, arguments, obj=Settings()).exit_code
