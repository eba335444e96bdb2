"""The database goes and comes back: 503 meanwhile, never 200 without a commit, and no restart."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from psycopg.conninfo import make_conninfo

import events.append
from tests.write_side.posting import (
    Store,
    client_for,
    delivery,
    eventually,
    post,
    running,
    store_all,
)
from tests.write_side.proxy import Proxy, proxied
from write_side.intake import Intake


@pytest.fixture
def socket_folder() -> Iterator[Path]:
    """A socket's path ends at 107 bytes, and pytest's folders are longer."""
    folder = Path(tempfile.mkdtemp(prefix="wharf-test-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
async def proxy(store: Store, socket_folder: Path) -> AsyncIterator[Proxy]:
    async with proxied(store.url, socket_folder) as proxy:
        yield proxy


async def taken_again(client: httpx.AsyncClient, store: Store) -> None:
    """Deliveries are taken again, and those that were not answered 200 are nowhere."""

    async def one_more() -> bool:
        body = delivery()
        answer = await post(client, body)
        assert (answer.status_code == 200) == store.has(body)
        assert answer.status_code in (200, 503)
        return answer.status_code == 200

    await eventually(one_more)


async def test_while_the_database_is_away_the_answer_is_503_and_then_it_goes_on(
    store: Store, proxy: Proxy
) -> None:
    async with client_for(proxy.url) as client:
        for _ in range(3):
            await taken_again(client, store)
            await proxy.go()
            for _ in range(3):
                body = delivery()
                answer = await post(client, body)

                assert (503, "2") == (answer.status_code, answer.headers["Retry-After"])
                assert not store.has(body)
            await proxy.come()
        await taken_again(client, store)


@pytest.mark.slow
async def test_readiness_says_that_the_database_is_away_and_health_does_not(
    store: Store, proxy: Proxy
) -> None:
    async with client_for(proxy.url) as client:
        await eventually(lambda: ready(client))
        await proxy.go()
        await post(client, delivery())

        assert 200 == (await client.get("/healthz")).status_code
        answer = await client.get("/readyz")
        assert (503, "unavailable") == (answer.status_code, answer.json()["intake"])
        await proxy.come()
        await eventually(lambda: ready(client))


async def ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/readyz")).status_code == 200


async def test_a_service_started_before_its_database_takes_deliveries_when_it_comes(
    store: Store, proxy: Proxy
) -> None:
    async with client_for(proxy.url) as client:
        await taken_again(client, store)
    await proxy.go()

    starting = client_for(proxy.url)
    entering = asyncio.create_task(starting.__aenter__())
    await asyncio.sleep(0)
    await proxy.come()
    client = await entering
    await taken_again(client, store)
    await starting.__aexit__(None, None, None)


async def test_all_that_waits_is_told_when_the_connection_is_lost(
    store: Store, proxy: Proxy
) -> None:
    """Also what waits behind the append that was cut off."""
    async with running(proxy.url) as intake:
        async with store.appends_held():
            waiting = [asyncio.create_task(store_all(intake, [delivery()]))]
            await eventually(store.an_append_waits)
            behind = [delivery() for _ in range(19)]
            waiting.append(asyncio.create_task(store_all(intake, behind)))
            await eventually(store.an_append_waits)
            proxy.cut()

            assert [[False], [False] * 19] == await asyncio.gather(*waiting)
        await eventually(lambda: available(intake))
        assert [True] == await store_all(intake, [delivery()])


async def available(intake: Intake) -> bool:
    return intake.available


async def test_a_backend_that_is_terminated_costs_503_and_nothing_else(store: Store) -> None:
    async with client_for(store.url) as client:
        async with store.appends_held():
            posted = asyncio.create_task(post(client, delivery()))
            await eventually(store.an_append_waits)
            store.execute(
                "select pg_terminate_backend(pid) from pg_locks"
                " where relation = 'log.append_lock'::regclass and not granted"
                "   and database = (select oid from pg_database where datname = current_database())"
            )
            assert 503 == (await posted).status_code
        await taken_again(client, store)


async def test_a_commit_whose_answer_was_lost_is_503_and_the_retry_counts_for_nothing(
    store: Store, proxy: Proxy
) -> None:
    body = delivery()
    async with client_for(proxy.url) as client:
        proxy.lose_answers()

        assert 503 == (await post(client, body)).status_code
        await eventually(lambda: stored(store, body))
        await eventually(lambda: retried(client, body))
    ((attempts,),) = store.rows("select attempts from log.deliveries")
    assert attempts >= 2
    assert ["MessageReceived"] == store.events_of(body)


async def stored(store: Store, body: bytes) -> bool:
    return store.has(body)


async def retried(client: httpx.AsyncClient, body: bytes) -> bool:
    return (await post(client, body)).status_code == 200


async def test_a_database_that_says_nothing_is_given_up(
    store: Store, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client_for(proxy.url) as client:
        await taken_again(client, store)
        with monkeypatch.context() as patched:
            patched.setattr(events.append, "APPEND_LIMIT_S", 0.05)
            proxy.freeze()
            assert 503 == (await post(client, delivery())).status_code
        proxy.thaw()
        await eventually(lambda: retried(client, delivery()))


async def test_a_stuck_writer_elsewhere_costs_503_and_not_the_service(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """lock_timeout bounds the wait for the append lock."""
    monkeypatch.setattr("write_side.intake.LOCK_TIMEOUT_MS", 20)
    async with client_for(store.url) as client:
        async with store.appends_held():
            body = delivery()
            assert 503 == (await post(client, body)).status_code
            assert not store.has(body)
        await taken_again(client, store)


@pytest.mark.parametrize(
    "setting", ["default_transaction_read_only=on", "default_transaction_isolation=serializable"]
)
async def test_a_database_that_refuses_to_append_is_503(store: Store, setting: str) -> None:
    """A primary that became a standby; a session in an isolation level that can't append."""
    async with client_for(make_conninfo(store.url, options=f"-c {setting}")) as client:
        body = delivery()

        assert 503 == (await post(client, body)).status_code
        assert not store.has(body)


async def test_a_commit_with_a_warning_is_not_answered_200(store: Store) -> None:
    """A cancelled wait for a synchronous standby succeeds with no more than a warning."""
    store.execute(
        "create function warn() returns trigger language plpgsql as"
        " $$ begin raise warning 'committed locally'; return null; end $$"
    )
    store.execute("create trigger warn after insert on log.events execute function warn()")
    async with client_for(store.url) as client:
        assert 503 == (await post(client, delivery())).status_code
        store.execute("drop trigger warn on log.events")
        await taken_again(client, store)


async def test_stopping_while_the_database_is_away_ends(store: Store, proxy: Proxy) -> None:
    async with client_for(proxy.url) as client:
        await proxy.go()
        assert 503 == (await post(client, delivery())).status_code
