"""Idempotency-Key: a command that comes again is answered again, and not done again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from events.database import Pool, connect, writing_pool
from tests.projections.log import message
from tests.write_side.desk import PHONE, Desk
from wharf.keys import create_key
from write_side.errors import KeyInUse
from write_side.idempotency import Idempotency

NOTES = "conversations/1/notes/"
KEY = "5b0d1c2e-9f3a"


@pytest.fixture
async def ana(desk: Desk) -> Desk:
    """Conversation 1 is Ana's."""
    await desk.got(message("m", 1, phone=PHONE))
    return desk


async def test_the_same_answer_comes_again_and_says_so(ana: Desk) -> None:
    first = await ana.sends("POST", NOTES, {"body": "called"}, Idempotency_Key=KEY)
    again = await ana.sends("POST", NOTES, {"body": "called"}, Idempotency_Key=f'"{KEY}"')

    assert (201, first.content) == (again.status_code, again.content)
    assert "Idempotency-Replayed" not in first.headers
    assert ("true", first.headers["X-Log-Position"], "application/json") == tuple(
        again.headers[name] for name in ("Idempotency-Replayed", "X-Log-Position", "Content-Type")
    )
    assert ["NoteAdded"] == ana.said()


async def test_another_body_under_the_same_key_is_refused(ana: Desk) -> None:
    await ana.sends("POST", NOTES, {"body": "called"}, Idempotency_Key=KEY)
    other = await ana.sends("POST", NOTES, {"body": "wrote"}, Idempotency_Key=KEY)

    assert (422, "idempotency-key-reuse") == (other.status_code, other.json()["code"])
    assert ["NoteAdded"] == ana.said()


async def test_a_key_is_its_callers_own_and_for_one_address(ana: Desk) -> None:
    with connect(ana.store.url, "wharf_owner") as conn:
        key = create_key(conn, "another", ["conversations:write"])
    await ana.sends("POST", NOTES, {"body": "called"}, Idempotency_Key=KEY)
    answers = [
        await ana.sends("POST", NOTES, {"body": "x"}, Idempotency_Key=KEY, X_Api_Key=key.token),
        await ana.sends("PATCH", "notes/2/", {"body": "x"}, Idempotency_Key=KEY),
        await ana.sends("POST", NOTES[:-1], {"body": "called"}, Idempotency_Key=KEY),
    ]

    assert [201, 200, 201] == [answer.status_code for answer in answers]
    assert [False, False, True] == ["Idempotency-Replayed" in a.headers for a in answers]
    assert ["NoteAdded", "NoteAdded", "NoteEdited"] == ana.said()


async def test_every_command_has_it(ana: Desk) -> None:
    wish = {"conversation_id": 1}
    first = await ana.sends("POST", "mark-read/", wish, Idempotency_Key=KEY)
    again = await ana.sends("POST", "mark-read/", wish, Idempotency_Key=KEY)

    assert (1, 1) == (first.json()["marked"], again.json()["marked"])
    assert "true" == again.headers["Idempotency-Replayed"]


async def test_what_failed_can_be_tried_again(ana: Desk) -> None:
    path = "conversations/2/notes/"
    missing = await ana.sends("POST", path, {"body": "called"}, Idempotency_Key=KEY)
    await ana.got(message("other", 2, phone="551"))
    there = await ana.sends("POST", path, {"body": "called"}, Idempotency_Key=KEY)

    assert (404, 201) == (missing.status_code, there.status_code)


async def test_two_at_once_are_one(ana: Desk) -> None:
    async def ask() -> int:
        headers = {"Idempotency-Key": KEY}
        path = f"/api/whatsapp/{NOTES}"
        return (await ana.client.post(path, json={"body": "x"}, headers=headers)).status_code

    asked = asyncio.gather(*(ask() for _ in range(4)))
    while not asked.done():
        await asyncio.to_thread(ana.inbox.catch_up)
    statuses = await asked

    assert {201} <= set(statuses) <= {201, 409}
    assert ["NoteAdded"] == ana.said()


@pytest.mark.parametrize("key", ["", '""', "a b", "x" * 256, "clé".encode().decode("latin-1")])
async def test_what_is_no_key_is_refused_by_name(ana: Desk, key: str) -> None:
    headers = {b"Idempotency-Key": key.encode("latin-1")}
    answer = await ana.client.post(f"/api/whatsapp/{NOTES}", json={"body": "x"}, headers=headers)

    assert (400, "Idempotency-Key") == (
        answer.status_code,
        answer.json()["errors"][0]["parameter"],
    )


async def dies_before_remembering(ana: Desk) -> None:
    """A note is added, and the process that did it remembers nothing of it."""
    await ana.sends("POST", NOTES, {"body": "called"}, Idempotency_Key=KEY)
    changed(ana, "set status = null, headers = null, answer = null")


def changed(ana: Desk, change: str) -> None:
    with connect(ana.store.url, "wharf_owner") as conn:
        conn.execute(f"update ops.idempotency_keys {change}".encode())


async def test_a_command_whose_process_died_is_not_done_twice(ana: Desk) -> None:
    await dies_before_remembering(ana)
    soon = await ana.sends("POST", NOTES, {"body": "called"}, Idempotency_Key=KEY)
    changed(ana, "set leased_until = now() - interval '1 second'")
    other = await ana.sends("POST", NOTES, {"body": "wrote"}, Idempotency_Key=KEY)
    later = await ana.sends("POST", NOTES, {"body": "called"}, Idempotency_Key=KEY)

    assert (409, "idempotency-key-in-use", "1") == (
        soon.status_code,
        soon.json()["code"],
        soon.headers["Retry-After"],
    )
    assert "idempotency-key-reuse" == other.json()["code"]
    assert (201, 2) == (later.status_code, later.json()["id"])
    assert ["NoteAdded"] == ana.said()
    (note,) = (await ana.sees(NOTES))["notes"]
    assert note["created_at"] == later.json()["created_at"]


async def test_who_died_and_had_seen_everything_is_told_that_it_is_done(ana: Desk) -> None:
    """What they have missed since is their own note."""
    await ana.sends("POST", NOTES, {"body": "x", "last_seen_position": 1}, Idempotency_Key=KEY)
    changed(ana, "set status = null, leased_until = now() - interval '1 second'")
    wish = {"body": "x", "last_seen_position": 1}
    again = await ana.sends("POST", NOTES, wish, Idempotency_Key=KEY)

    assert (201, 2) == (again.status_code, again.json()["id"])
    assert ["NoteAdded"] == ana.said()


async def test_after_a_day_a_key_is_a_new_one(ana: Desk) -> None:
    await ana.sends("POST", NOTES, {"body": "called"}, Idempotency_Key=KEY)
    changed(ana, "set begun_at = now() - interval '25 hours'")
    again = await ana.sends("POST", NOTES, {"body": "wrote"}, Idempotency_Key=KEY)

    assert (201, 3) == (again.status_code, again.json()["id"])


async def test_keys_of_yesterday_are_forgotten(ana: Desk) -> None:
    await ana.sends("POST", NOTES, {"body": "called"}, Idempotency_Key="old")
    changed(ana, "set begun_at = now() - interval '25 hours'")
    await ana.sends("POST", NOTES, {"body": "called"}, Idempotency_Key=KEY)

    assert [(1,)] == ana.store.rows("select count(*) from ops.idempotency_keys")


def request_of(key: str) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    class Luis:
        username = "user:luis"

    headers = [(b"idempotency-key", key.encode())]
    scope = {"type": "http", "method": "POST", "path": "/x/", "headers": headers, "user": Luis()}
    return Request({**scope, "query_string": b"", "server": ("test", 80)}, receive)


Command = Callable[[Request], Awaitable[Response]]


async def done(pool: Pool, command: Command, key: str = KEY) -> Response:
    return await Idempotency(pool).around(command)(request_of(key))


async def test_who_asks_while_it_is_being_done_is_told_so(database: str) -> None:
    async with writing_pool(database, size_max=2) as pool:

        async def asks_again(request: Request) -> Response:
            with pytest.raises(KeyInUse):
                await done(pool, asks_again)
            return Response("once")

        assert b"once" == (await done(pool, asks_again)).body
        assert b"once" == (await done(pool, asks_again)).body


async def test_a_great_answer_is_not_kept(database: str) -> None:
    async with writing_pool(database, size_max=1) as pool:

        async def much(request: Request) -> Response:
            return Response("x" * 70_000)

        for _ in range(2):
            assert "Idempotency-Replayed" not in (await done(pool, much)).headers


async def test_an_error_is_not_remembered(database: str) -> None:
    async with writing_pool(database, size_max=1) as pool:

        async def fails(request: Request) -> Response:
            raise RuntimeError("not now")

        async def works(request: Request) -> Response:
            return Response("done")

        with pytest.raises(RuntimeError):
            await done(pool, fails)
        assert b"done" == (await done(pool, works)).body
