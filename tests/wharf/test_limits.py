"""Limits: who asks too often is told when to come again, and nobody else is held up by it."""

import asyncio
import re

import httpx
import pytest
from starlette.requests import Request

from events.database import connect
from tests.write_side.posting import client_for, delivery, post
from wharf import limits
from wharf.keys import create_key
from wharf.limits import Buckets, RateLimited
from wharf.settings import Settings
from wharf.strangers import WAITING_MAX, Strangers

MESSAGES = "/api/whatsapp/messages/"


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr("wharf.limits.monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_bucket_holds_a_minute_s_worth_and_fills_at_that_pace(clock: Clock) -> None:
    buckets = Buckets(60)

    lefts = [buckets.take("ana") for _ in range(60)]
    assert [59, 58, 57] == [left.requests for left in lefts[:3] if left]
    with pytest.raises(RateLimited) as refused:
        buckets.take("ana")
    assert 1 == refused.value.retry_after_s

    clock.now += 10
    for _ in range(10):
        buckets.take("ana")
    with pytest.raises(RateLimited):
        buckets.take("ana")
    clock.now += 3_600
    left = buckets.take("ana")
    assert left is not None
    assert (59, 1) == (left.requests, left.full_s), "and no more than a minute's"


def test_each_has_a_bucket_of_its_own(clock: Clock) -> None:
    buckets = Buckets(1)
    buckets.take("ana")

    buckets.take("luis")
    with pytest.raises(RateLimited):
        buckets.take("ana")


def test_no_limit_is_no_limit() -> None:
    buckets = Buckets(0)

    assert [None] * 1_000 == [buckets.take("ana") for _ in range(1_000)]
    assert not buckets.is_empty("ana")


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BUCKETS_MAX", 3)
    buckets = Buckets(10)
    for number in range(10):
        buckets.take(f"user {number}")

    assert 3 == len(buckets._filled)


async def test_answers_say_what_is_left_and_the_last_one_when_to_come_again(
    access_database: str,
) -> None:
    with connect(access_database, "wharf_owner") as conn:
        first, second = (create_key(conn, name, ["messages:read"]) for name in ("one", "two"))
    async with client_for(access_database, settings=Settings(rate_limit=3)) as client:
        client.headers["X-Api-Key"] = first.token
        answers = [await client.get(MESSAGES) for _ in range(3)]
        wrong = await client.get(MESSAGES, params={"limit": "0"})
        client.headers["X-Api-Key"] = second.token
        other = await client.get(MESSAGES, params={"limit": "0"})

        assert ["2", "1", "0"] == [left(answer) for answer in answers]
        assert {'"default";q=3;w=60'} == {answer.headers["RateLimit-Policy"] for answer in answers}
        assert (429, "rate-limited") == (wrong.status_code, wrong.json()["code"])
        assert 1 <= int(wrong.headers["Retry-After"]) <= 20
        assert "0" == left(wrong)
        assert (400, "2") == (other.status_code, left(other)), "also a refusal says it"

        del client.headers["X-Api-Key"]
        assert 200 == (await client.get("/healthz")).status_code
        for _ in range(5):
            taken = await post(client, delivery())
            assert (200, False) == (taken.status_code, "RateLimit" in taken.headers)


def left(answer: httpx.Response) -> str:
    match = re.fullmatch(r'"default";r=(\d+);t=\d+', answer.headers["RateLimit"])
    assert match is not None
    return match[1]


@pytest.mark.slow
async def test_who_guesses_is_slowed_down_and_nobody_else(
    access_database: str, clock: Clock
) -> None:
    """All come from one network, as they do through a proxy."""
    with connect(access_database, "wharf_owner") as conn:
        known, unknown = (create_key(conn, name, ["messages:read"]) for name in ("a", "b"))
    async with client_for(access_database) as client:

        async def ask(token: str) -> int:
            return (await client.get(MESSAGES, headers={"X-Api-Key": token})).status_code

        assert 200 == await ask(known.token)
        guesses = [f"wharf_{number:012x}_{'A' * 43}" for number in range(80)]
        statuses = [await ask(guess) for guess in guesses]
        assert [401] * 60 + [429] * 20 == statuses
        assert 200 == await ask(known.token)
        assert 200 == await ask(unknown.token), "a good one gets in, whoever else is wrong"

        refused = await client.get("/sign-in", params={"token": "A" * 43})
        assert (429, True) == (refused.status_code, "Retry-After" in refused.headers)
        both = await asyncio.gather(*[ask(guess) for guess in guesses], ask(known.token))
        assert (200, {429}) == (both[-1], set(both[:-1]))


async def test_a_queue_of_strangers_is_short() -> None:
    request = Request({"type": "http", "headers": [], "client": ("192.0.2.7", 1)})
    strangers = Strangers(wrong_max=1)
    strangers.was_wrong(request)
    gate, inside = asyncio.Event(), 0

    async def come() -> None:
        nonlocal inside
        async with strangers.looked_up(request):
            inside += 1
            await gate.wait()

    tasks = [asyncio.create_task(come()) for _ in range(WAITING_MAX + 5)]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    assert (1, WAITING_MAX) == (inside, len(waiting))
    assert all(isinstance(task.exception(), RateLimited) for task in done)
    gate.set()
    await asyncio.gather(*waiting)
    assert WAITING_MAX == inside


async def test_one_network_does_not_slow_down_another() -> None:
    strangers = Strangers(wrong_max=1)
    one, other = (
        Request({"type": "http", "headers": [], "client": (host, 1)})
        for host in ("192.0.2.7", "198.51.100.7")
    )
    strangers.was_wrong(one)
    with pytest.raises(RateLimited):
        strangers.was_wrong(one)

    strangers.was_wrong(other)
