"""Meta's handshake: the challenge comes back verbatim to whoever knows the verify token."""

from urllib.parse import urlencode

import httpx
import pytest

from tests.write_side.posting import PATH, SECRET, TOKEN, Wire
from write_side.handshake import CHALLENGE_BYTES_MAX
from write_side.intake import Intake
from write_side.signature import app_secrets
from write_side.webhook import Webhook

RIGHT = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "1158201444"}


async def ask(query: bytes) -> Wire:
    webhook = Webhook(Intake(""), app_secrets([SECRET]), TOKEN)
    return await Wire([], method="GET", query=query).through(webhook)


@pytest.mark.parametrize("path", [PATH, PATH.rstrip("/")])
async def test_the_challenge_comes_back_with_and_without_the_slash(
    client: httpx.AsyncClient, path: str
) -> None:
    """A redirect would be a failure to Meta."""
    answer = await client.get(path, params=RIGHT)

    assert (200, "1158201444") == (answer.status_code, answer.text)
    assert "text/plain; charset=utf-8" == answer.headers["Content-Type"]
    assert "nosniff" == answer.headers["X-Content-Type-Options"]


@pytest.mark.parametrize(
    "challenge",
    [
        b"<script>alert(1)</script>",
        b"two\r\nX-Lines: yes",
        "Grüße ✓".encode(),
        b"\xff\xfe\x00",
        b"+ and % and &",
        b"x" * CHALLENGE_BYTES_MAX,
    ],
    ids=["html", "line break", "utf-8", "no text", "escapes", "longest"],
)
async def test_any_challenge_is_echoed_byte_for_byte_as_plain_text(challenge: bytes) -> None:
    answer = await ask(urlencode({**RIGHT, "hub.challenge": challenge}).encode())

    assert (200, challenge) == (answer.status, answer.body)
    assert "text/plain; charset=utf-8" == answer.header("content-type")
    assert "nosniff" == answer.header("x-content-type-options")
    assert answer.header("x-lines") is None


async def test_a_challenge_longer_than_any_is_refused() -> None:
    challenge = "x" * (CHALLENGE_BYTES_MAX + 1)
    answer = await ask(urlencode({**RIGHT, "hub.challenge": challenge}).encode())

    assert 400 == answer.status
    assert b"xx" not in answer.body


def without(name: str) -> bytes:
    return urlencode({key: value for key, value in RIGHT.items() if key != name}).encode()


REFUSED = {
    "nothing": b"",
    "no mode": without("hub.mode"),
    "no token": without("hub.verify_token"),
    "no challenge": without("hub.challenge"),
    "another mode": urlencode({**RIGHT, "hub.mode": "unsubscribe"}).encode(),
    "another token": urlencode({**RIGHT, "hub.verify_token": "another"}).encode(),
    "an empty token": urlencode({**RIGHT, "hub.verify_token": ""}).encode(),
    "a prefix of the token": urlencode({**RIGHT, "hub.verify_token": TOKEN[:-1]}).encode(),
    "the token and more": urlencode({**RIGHT, "hub.verify_token": TOKEN + "x"}).encode(),
    "the token and NUL": urlencode({**RIGHT, "hub.verify_token": TOKEN + "\0"}).encode(),
    "the app secret": urlencode({**RIGHT, "hub.verify_token": SECRET}).encode(),
    "a token that is not ASCII": urlencode({**RIGHT, "hub.verify_token": "é"}).encode(),
    "bytes that are not text": b"hub.mode=subscribe&hub.verify_token=%FF%FE&hub.challenge=1",
    "raw bytes": b"hub.mode=subscribe&hub.verify_token=\xe9&hub.challenge=1",
    "the token as an array": urlencode(
        {"hub.mode": "subscribe", "hub.verify_token[]": TOKEN, "hub.challenge": "1"}
    ).encode(),
    "the token twice": urlencode(RIGHT).encode() + b"&" + urlencode(RIGHT).encode(),
    "two tokens": urlencode(RIGHT).encode() + b"&hub.verify_token=another",
    "two challenges": urlencode(RIGHT).encode() + b"&hub.challenge=2",
}


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED.keys())
async def test_whoever_does_not_know_the_token_gets_no_echo(query: bytes) -> None:
    answer = await ask(query)

    assert (403, b"the handshake is not right\n") == (answer.status, answer.body)


async def test_a_handshake_takes_no_database() -> None:
    """Meta asks while the service is being set up."""
    answer = await ask(urlencode(RIGHT).encode())

    assert 200 == answer.status
