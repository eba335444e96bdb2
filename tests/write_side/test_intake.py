"""The intake: one commit for all that waits, and nobody pays for his neighbour."""

import asyncio
from datetime import datetime

import pytest

from events.envelope import Position
from tests.write_side.posting import (
    Store,
    Wire,
    client_for,
    delivery,
    eventually,
    post,
    running,
    signed,
    store_all,
    webhook,
)
from write_side import intake as module
from write_side.intake import Intake
from write_side.translation.delivery import Translation, translate


async def test_what_comes_during_an_append_goes_into_the_next_one(store: Store) -> None:
    heads: list[Position] = []
    bodies = [delivery() for _ in range(200)]
    async with running(store.url, on_stored=heads.append) as intake:
        async with store.appends_held():
            first = asyncio.create_task(store_all(intake, bodies[:1]))
            await eventually(store.an_append_waits)
            others = asyncio.create_task(store_all(intake, bodies[1:]))
            await asyncio.sleep(0)
            assert not first.done()

        assert [True] * 200 == await first + await others
    assert [1, 200] == heads
    assert 2 == store.appends()


async def test_one_alone_waits_for_nobody(store: Store) -> None:
    heads: list[Position] = []
    async with running(store.url, on_stored=heads.append) as intake:
        for _ in range(3):
            assert [True] == await store_all(intake, [delivery()])

    assert [1, 2, 3] == heads


@pytest.mark.slow
async def test_many_at_once_take_few_commits_and_each_is_answered(store: Store) -> None:
    bodies = [delivery() for _ in range(300)]
    async with client_for(store.url) as client:
        answers = await asyncio.gather(*[post(client, body) for body in bodies])

    assert [200] * 300 == [answer.status_code for answer in answers]
    assert [(300, 300)] == store.rows("select count(*), max(position) from log.events")
    assert store.appends() < 100


async def test_a_batch_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_DELIVERIES_MAX", 4)
    monkeypatch.setattr(module, "BATCH_BYTES_MAX", 3 * len(delivery()))
    heads: list[Position] = []
    async with running(store.url, on_stored=heads.append) as intake:
        async with store.appends_held():
            waiting = [asyncio.create_task(store_all(intake, [delivery() for _ in range(10)]))]
            await eventually(store.an_append_waits)
            waiting.append(asyncio.create_task(store_all(intake, [delivery("x" * 10_000)])))
            await asyncio.sleep(0)
        assert [True] * 11 == [stored for each in waiting for stored in await each]

    steps = [after - before for before, after in zip([0, *heads], heads, strict=False)]
    assert [3, 3, 3, 1, 1] == steps, "three fit, and one larger than a batch goes alone"


async def test_what_is_full_says_so_before_reading_and_takes_again_when_it_is_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITING_DELIVERIES_MAX", 3)
    async with running(store.url) as intake:
        async with store.appends_held():
            waiting = [
                asyncio.create_task(Wire([body], signed(body)).through(webhook(intake)))
                for body in (delivery(), delivery(), delivery())
            ]
            await eventually(store.an_append_waits)
            body = delivery()
            refused = await Wire([body], signed(body)).through(webhook(intake))

            assert (503, 0, "2") == (
                refused.status,
                refused.received,
                refused.header("retry-after"),
            )
            assert b"not stored, send it again\n" == refused.body
        assert [200] * 3 == [(await each).status for each in waiting]
        assert 200 == (await Wire([body], signed(body)).through(webhook(intake))).status


async def test_room_is_counted_in_bytes_that_are_declared(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bodies that are being read take their room before their first byte."""
    monkeypatch.setattr(module, "WAITING_BYTES_MAX", 4 * 1024 * 1024)
    async with running(store.url) as intake:
        assert intake.reserve(3 * 1024 * 1024)
        body = delivery()

        unknown_length = await Wire([body], signed(body)).through(webhook(intake))
        length = (b"content-length", str(len(body)).encode())
        small = await Wire([body], signed(body, length)).through(webhook(intake))

        assert (503, 0) == (unknown_length.status, unknown_length.received)
        assert 200 == small.status
        intake.release(3 * 1024 * 1024)
        assert 200 == (await Wire([body], signed(body)).through(webhook(intake))).status


async def test_a_large_delivery_takes_no_more_memory_than_was_counted_until_its_turn(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its events would: see bench/chaos/memory_limit.py."""
    small, large = delivery(), delivery("x" * 100_000)
    translated: list[bytes] = []

    def noting(body: bytes, received_at: datetime) -> Translation:
        translated.append(body)
        return translate(body, received_at)

    monkeypatch.setattr(module, "translate", noting)
    async with running(store.url) as intake:
        async with store.appends_held():
            first = asyncio.create_task(store_all(intake, [small]))
            await eventually(store.an_append_waits)
            second = asyncio.create_task(store_all(intake, [large]))
            await asyncio.sleep(0)
            assert [small] == translated
        assert [True] * 2 == await first + await second

    assert [small, large] == translated
    assert [(2,)] == store.rows("select count(*) from log.events")


async def test_a_delivery_the_database_refuses_is_quarantined_and_its_neighbours_are_stored(
    store: Store,
) -> None:
    store.execute(
        "alter table log.events add constraint not_that check (data::text not like '%poison%')"
    )
    bodies = [delivery("poison" if n in (3, 11) else "hola") for n in range(16)]
    async with running(store.url) as intake:
        async with store.appends_held():
            waiting = asyncio.create_task(store_all(intake, [delivery(), *bodies]))
            await eventually(store.an_append_waits)
        assert [True] * 17 == await waiting

    for n, body in enumerate(bodies):
        expected = "ItemQuarantined" if n in (3, 11) else "MessageReceived"
        assert store.has(body)
        assert [expected] == store.events_of(body)
    assert "quarantined" == store.outcome(bodies[3])[0]
    ((data,),) = store.rows(
        "select data::text from log.events where type = 'ItemQuarantined' order by 1 limit 1"
    )
    assert "not_that" in data, "the reason is there for whoever looks"


async def test_a_delivery_refused_in_every_form_is_the_only_one_not_taken(store: Store) -> None:
    store.execute(
        "alter table log.deliveries add constraint no_poison"
        " check (position('poison'::bytea in body) = 0)"
    )
    bodies = [delivery("poison" if n == 2 else "hola") for n in range(5)]
    async with running(store.url) as intake:
        assert [n != 2 for n in range(5)] == await store_all(intake, bodies)
        assert [True] == await store_all(intake, [delivery()]), "and the intake goes on"

    assert [n != 2 for n in range(5)] == [store.has(body) for body in bodies]


async def test_an_error_of_our_own_fails_its_batch_and_not_the_intake(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An intake that had ended would leave every later delivery without an answer."""

    async def broken(*_: object) -> None:
        raise TypeError("a fault of ours")

    async with running(store.url) as intake:
        with monkeypatch.context() as patched:
            patched.setattr(module, "append", broken)
            assert [False, False] == await store_all(intake, [delivery(), delivery()])
        await eventually(lambda: ready(intake))
        assert [True] == await store_all(intake, [delivery()])


async def ready(intake: Intake) -> bool:
    return intake.available


async def test_stopping_writes_what_waits_and_takes_nothing_more(store: Store) -> None:
    bodies = [delivery() for _ in range(5)]
    async with running(store.url) as intake:
        async with store.appends_held():
            waiting = asyncio.create_task(store_all(intake, bodies))
            await eventually(store.an_append_waits)
            stopping = asyncio.create_task(intake.stop())
            await asyncio.sleep(0)

            assert not intake.available
            assert not intake.reserve(1)
            assert [False] == await store_all(intake, [delivery()])
        await stopping
        assert [True] * 5 == await waiting
    assert [(5,)] == store.rows("select count(*) from log.deliveries")


async def test_the_head_is_told_after_the_commit_and_only_then(store: Store) -> None:
    told: list[tuple[Position, int]] = []

    def look(position: Position) -> None:
        told.append((position, store.rows("select count(*) from log.events")[0][0]))

    async with client_for(store.url, on_stored=look) as client:
        await post(client, delivery())
        await post(client, delivery())

    assert [(1, 1), (2, 2)] == told
