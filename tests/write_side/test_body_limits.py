"""How much of a body is read, and for how long: decided before it is read."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest
from typing_extensions import override

import write_side.webhook
from tests.write_side.posting import Store, Wire, delivery, post, running, signed, webhook
from write_side import intake
from write_side.webhook import BODY_BYTES_MAX


async def test_a_body_declared_too_large_is_refused_before_a_byte_of_it(shared: Store) -> None:
    async with running(shared.url) as taking:
        length = str(BODY_BYTES_MAX + 1).encode()
        answer = await Wire([], signed(b"", (b"content-length", length))).through(webhook(taking))

    assert (413, 0) == (answer.status, answer.received)


async def test_a_body_of_no_declared_length_is_counted_while_it_comes(shared: Store) -> None:
    async with running(shared.url) as taking:
        parts = [b" " * 1024 * 1024] * 10
        answer = await Wire(parts, signed(b"")).through(webhook(taking))

    assert (413, 4) == (answer.status, answer.received)


async def test_a_body_as_large_as_metas_largest_is_taken(
    client: httpx.AsyncClient, shared: Store
) -> None:
    short = delivery("x")
    body = short.replace(b'"x"', b'"' + b"x" * (BODY_BYTES_MAX - len(short) + 1) + b'"')
    assert BODY_BYTES_MAX == len(body)

    assert 200 == (await post(client, body)).status_code
    assert shared.has(body)
    assert 413 == (await post(client, body + b" ")).status_code


async def test_a_body_in_one_byte_pieces_is_the_same_body(shared: Store) -> None:
    body = delivery()
    async with running(shared.url) as taking:
        pieces = [body[i : i + 1] for i in range(len(body))]
        answer = await Wire(pieces, signed(body)).through(webhook(taking))

    assert 200 == answer.status
    assert shared.has(body)


@pytest.mark.parametrize("length", [b"-1", b"1e3", b"", b"12, 12", "٣".encode()])
async def test_a_length_that_is_no_number_is_refused(shared: Store, length: bytes) -> None:
    async with running(shared.url) as taking:
        answer = await Wire([], [(b"content-length", length)]).through(webhook(taking))

    assert 400 == answer.status


async def test_a_body_that_drips_has_a_deadline(
    shared: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_side.webhook, "BODY_READ_S", 0.01)
    monkeypatch.setattr(intake, "WAITING_DELIVERIES_MAX", 1)

    class Dripping(Wire):
        @override
        async def receive(self) -> MutableMapping[str, Any]:
            if self.received:
                await asyncio.Event().wait()
            self.received += 1
            return {"type": "http.request", "body": b"{", "more_body": True}

    async with running(shared.url) as taking:
        answer = await Dripping([], signed(b"{")).through(webhook(taking))

        assert (408, 1) == (answer.status, answer.received)
        assert taking.reserve(1), "its room was given back"
        taking.release(1)


async def test_a_client_that_hangs_up_gets_no_answer_and_leaves_no_trace(
    shared: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "WAITING_DELIVERIES_MAX", 1)
    body = delivery()

    class Leaving(Wire):
        @override
        async def receive(self) -> MutableMapping[str, Any]:
            self.received += 1
            if self.received == 1:
                return {"type": "http.request", "body": body, "more_body": True}
            return {"type": "http.disconnect"}

    async with running(shared.url) as taking:
        answer = await Leaving([], signed(body)).through(webhook(taking))

        assert [] == answer.sent
        assert not shared.has(body)
        assert taking.reserve(1), "its room was given back"
        taking.release(1)
