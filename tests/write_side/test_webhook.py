"""Deliveries over HTTP: what is taken, what is refused, and that 200 means stored."""

import asyncio

import httpx
import pytest

from tests.write_side.posting import PATH, SECRET, Store, client_for, delivery, eventually, post
from write_side.signature import sign


@pytest.mark.parametrize("path", [PATH, PATH.rstrip("/")])
async def test_200_means_that_the_delivery_is_stored_byte_for_byte(
    client: httpx.AsyncClient, shared: Store, path: str
) -> None:
    body = delivery()
    answer = await client.post(
        path, content=body, headers={"X-Hub-Signature-256": sign(SECRET, body)}
    )

    assert (200, {"status": "ok"}) == (answer.status_code, answer.json())
    assert shared.has(body)
    assert ["MessageReceived"] == shared.events_of(body)


async def test_while_the_append_waits_there_is_no_answer(
    client: httpx.AsyncClient, shared: Store
) -> None:
    body = delivery()
    async with shared.appends_held():
        posted = asyncio.create_task(post(client, body))
        await eventually(shared.an_append_waits)

        assert not posted.done()
        assert not shared.has(body)

    assert 200 == (await posted).status_code
    assert shared.has(body)


async def test_the_same_delivery_again_is_taken_and_changes_nothing(
    client: httpx.AsyncClient, shared: Store
) -> None:
    body = delivery()
    for _ in range(3):
        assert 200 == (await post(client, body)).status_code

    assert ("stored", 3) == shared.outcome(body)
    assert ["MessageReceived"] == shared.events_of(body)


async def test_the_same_delivery_eight_times_at_once_is_one(
    client: httpx.AsyncClient, shared: Store
) -> None:
    body = delivery()
    answers = await asyncio.gather(*[post(client, body) for _ in range(8)])

    assert [200] * 8 == [answer.status_code for answer in answers]
    assert ("stored", 8) == shared.outcome(body)
    assert ["MessageReceived"] == shared.events_of(body)


async def test_each_of_several_secrets_is_good(store: Store) -> None:
    async with client_for(store.url, secrets=["the old secret", "the new secret"]) as client:
        answers = [
            (await post(client, delivery(), secret)).status_code
            for secret in ("the old secret", "the new secret", "another secret")
        ]

    assert [200, 200, 401] == answers
    assert [(2,)] == store.rows("select count(distinct secret) from log.deliveries")


async def test_no_key_is_asked_for_and_other_methods_are_not_there(
    client: httpx.AsyncClient,
) -> None:
    for method in ("PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
        answer = await client.request(method, PATH)

        assert (405, "GET, POST") == (answer.status_code, answer.headers["Allow"])


async def test_a_client_gone_while_its_append_waits_holds_nobody_up(
    client: httpx.AsyncClient, shared: Store
) -> None:
    """It is stored all the same: Meta will send it again, and that counts for nothing."""
    abandoned, behind = delivery(), delivery()
    async with shared.appends_held():
        posted = asyncio.create_task(post(client, abandoned))
        await eventually(shared.an_append_waits)
        following = asyncio.create_task(post(client, behind))
        posted.cancel()
        await asyncio.wait([posted])

    assert 200 == (await following).status_code
    assert shared.has(abandoned)
    assert 200 == (await post(client, abandoned)).status_code
    assert ("stored", 2) == shared.outcome(abandoned)
