"""The signature: who is let in, and who is not, whatever is wrong with what he brings."""

import base64
import hashlib
import hmac
import json

import pytest
from typing_extensions import override

from tests.write_side.posting import SECRET, TOKEN, Store, Wire, delivery, running
from write_side.intake import Intake
from write_side.signature import app_secrets, sign, signer
from write_side.webhook import Webhook

BODY = delivery("not let in: Grüße")
RIGHT = sign(SECRET, BODY).encode()
DIGEST = RIGHT.removeprefix(b"sha256=")
NAME = b"x-hub-signature-256"

Headers = list[tuple[bytes, bytes]]


def signed(value: bytes) -> Headers:
    return [(NAME, value)]


WRONG: dict[str, Headers] = {
    "none": [],
    "empty": signed(b""),
    "of another secret": signed(sign("another app secret", BODY).encode()),
    "of the empty secret": signed(sign("", BODY).encode()),
    "of the verify token": signed(sign(TOKEN, BODY).encode()),
    "a hash without a key": signed(b"sha256=" + hashlib.sha256(BODY).hexdigest().encode()),
    "SHA-1 in its own header": [
        (b"x-hub-signature", b"sha1=" + hmac.digest(SECRET.encode(), BODY, "sha1").hex().encode())
    ],
    "SHA-1 in the header of SHA-256": signed(
        b"sha1=" + hmac.digest(SECRET.encode(), BODY, "sha1").hex().encode()
    ),
    "right, called sha1": signed(b"sha1=" + DIGEST),
    "right, called SHA256": signed(b"SHA256=" + DIGEST),
    "cut to nothing": signed(b"sha256="),
    "cut to one digit": signed(RIGHT[:8]),
    "cut to half": signed(RIGHT[: 7 + 32]),
    "cut by one digit": signed(RIGHT[:-1]),
    "a digit too long": signed(RIGHT + b"0"),
    "without its prefix": signed(DIGEST),
    "base64": signed(b"sha256=" + base64.b64encode(bytes.fromhex(DIGEST.decode()))),
    "upper case": signed(b"sha256=" + DIGEST.upper()),
    "a space before it": signed(b" " + RIGHT),
    "a space after it": signed(RIGHT + b" "),
    "a newline after it": signed(RIGHT + b"\n"),
    "a NUL after it": signed(RIGHT + b"\0"),
    "in quotation marks": signed(b'"' + RIGHT + b'"'),
    "bytes that are not ASCII": signed(b"sha256=" + b"\xe9" * 64),
    "digits of another script": signed(b"sha256=" + "٣".encode() * 64),
    "twice, right both times": signed(RIGHT) * 2,
    "twice, right the first time": signed(RIGHT) + signed(sign("x", BODY).encode()),
    "twice, right the second time": signed(sign("x", BODY).encode()) + signed(RIGHT),
    "right and wrong joined by a comma": signed(RIGHT + b", " + sign("x", BODY).encode()),
    "right twice, joined by a comma": signed(RIGHT + b"," + RIGHT),
}


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG.keys())
async def test_a_signature_that_is_not_exactly_right_is_answered_401(headers: Headers) -> None:
    """All in the same words: nothing tells an attacker how near he was."""
    answer = await Wire([BODY], headers).through(webhook())

    assert 401 == answer.status
    assert b"the signature is not right\n" == answer.body


async def test_nothing_of_what_is_refused_is_stored(shared: Store) -> None:
    before = shared.rows("select count(*) from log.deliveries")
    async with running(shared.url) as intake:
        for headers in WRONG.values():
            await Wire([BODY], headers).through(webhook(intake))
        stored = await Wire([BODY], signed(RIGHT)).through(webhook(intake))

        assert 200 == stored.status
    ((number,),) = before
    assert [(number + 1,)] == shared.rows("select count(*) from log.deliveries")


ALTERED = {
    "a newline at its end": BODY + b"\n",
    "cut by a byte": BODY[:-1],
    "written anew": json.dumps(json.loads(BODY), separators=(",", ":")).encode(),
    "without its escapes": json.dumps(json.loads(BODY), ensure_ascii=False).encode(),
    "empty": b"",
}


@pytest.mark.parametrize("body", ALTERED.values(), ids=ALTERED.keys())
async def test_the_signature_is_over_the_very_bytes_that_came(body: bytes) -> None:
    assert body != BODY
    answer = await Wire([body], signed(RIGHT)).through(webhook())

    assert 401 == answer.status


def test_while_secrets_are_changed_both_are_good_and_each_is_known_by_its_name() -> None:
    old, new = app_secrets(["the old app secret", "the new app secret"])

    for secret in (old, new):
        found = signer([old, new], BODY, sign(secret.key.decode(), BODY).encode())
        assert secret == found
    assert old.fingerprint != new.fingerprint
    assert signer([new], BODY, sign("the old app secret", BODY).encode()) is None


def test_a_fingerprint_does_not_give_its_secret_away() -> None:
    (secret,) = app_secrets([SECRET])

    assert hashlib.sha256(SECRET.encode()).hexdigest()[:8] == secret.fingerprint


def test_the_signature_is_what_meta_documents() -> None:
    """HMAC-SHA256 with the app secret; an example made with openssl dgst -hmac."""
    expected = "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"

    assert expected == sign("key", b"The quick brown fox jumps over the lazy dog")


class Untouched(Intake):
    """An intake that has room and must never be asked to store."""

    def __init__(self) -> None:
        super().__init__("")

    @override
    def reserve(self, body_bytes: int) -> bool:
        return True

    @override
    async def store(self, body: bytes, signature: str, secret: str) -> None:
        raise AssertionError("an unsigned delivery came through")


def webhook(intake: Intake | None = None) -> Webhook:
    return Webhook(intake or Untouched(), app_secrets([SECRET]), TOKEN)


@pytest.mark.parametrize(("secrets", "token"), [((), TOKEN), ((SECRET,), "")])
def test_a_webhook_without_secrets_is_not_even_made(secrets: tuple[str, ...], token: str) -> None:
    with pytest.raises(ValueError, match="would take anything"):
        Webhook(Untouched(), app_secrets(secrets), token)
