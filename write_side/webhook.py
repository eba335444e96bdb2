"""The webhook: Meta's handshake by GET, its deliveries by POST.

A bare ASGI callable: a Request, a Route and a Response cost half as much as all the rest.
"""

import asyncio
from collections.abc import Sequence
from hmac import compare_digest
from urllib.parse import parse_qsl

from starlette.types import Message, Receive, Scope, Send

from write_side.errors import IntakeUnavailable
from write_side.intake import Intake
from write_side.signature import AppSecret, signer

# Meta sends up to 3 MB. Source: Cloud API webhooks, "Payload size", read 2026-11.
BODY_BYTES_MAX = 3 * 1024 * 1024
# Meta gives up after some 20 s; a body that drips for longer is nobody's delivery.
BODY_READ_S = 20.0
CHALLENGE_BYTES_MAX = 4_096
RETRY_AFTER_S = 2

_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_NOSNIFF = (b"x-content-type-options", b"nosniff")


class BodyTooLarge(Exception):
    """The body is longer than Meta's are."""


class BodyTooSlow(Exception):
    """The body did not arrive in time."""


class ClientGone(Exception):
    """The client hung up before its body was complete."""


class Answer:
    """A whole answer, made once and sent many times."""

    def __init__(
        self,
        status: int,
        body: bytes,
        content_type: tuple[bytes, bytes] = _TEXT,
        *more: tuple[bytes, bytes],
    ) -> None:
        length = (b"content-length", str(len(body)).encode())
        self._start: Message = {
            "type": "http.response.start",
            "status": status,
            "headers": [content_type, length, _NOSNIFF, *more],
        }
        self._body: Message = {"type": "http.response.body", "body": body}

    async def __call__(self, send: Send) -> None:
        await send(self._start)
        await send(self._body)


STORED = Answer(200, b'{"status":"ok"}', (b"content-type", b"application/json"))
NOT_VERIFIED = Answer(403, b"the handshake is not right\n")
BAD_CHALLENGE = Answer(400, b"the challenge is too long\n")
BAD_LENGTH = Answer(400, b"the content length is not a number\n")
BAD_SIGNATURE = Answer(401, b"the signature is not right\n")
NOT_ALLOWED = Answer(405, b"GET and POST only\n", _TEXT, (b"allow", b"GET, POST"))
TOO_SLOW = Answer(408, b"the body did not arrive in time\n")
TOO_LARGE = Answer(413, b"the body is too large\n")
UNAVAILABLE = Answer(
    503,
    b"not stored, send it again\n",
    _TEXT,
    (b"retry-after", str(RETRY_AFTER_S).encode()),
)


class Webhook:
    """Answers 200 to a delivery only after its commit, and nothing unsigned at all."""

    def __init__(self, intake: Intake, secrets: Sequence[AppSecret], verify_token: str) -> None:
        if not secrets or not verify_token:
            raise ValueError("a webhook without secrets would take anything")
        self._intake = intake
        self._secrets = tuple(secrets)
        self._verify_token = verify_token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            answer = await self._deliver(scope, receive)
        elif scope["method"] == "GET":
            answer = self._shake_hands(scope)
        else:
            answer = NOT_ALLOWED
        if answer is not None:
            await answer(send)

    def _shake_hands(self, scope: Scope) -> Answer:
        """Echo the challenge verbatim to whoever knows the verify token.

        Source: Meta, Webhooks "Verification requests", read 2026-11. There is no signature on it.
        """
        # Latin-1 there and back: parse_qsl raises for bytes that are not ASCII.
        query = scope["query_string"].decode("latin-1")
        pairs = parse_qsl(query, keep_blank_values=True, encoding="latin-1")
        given = {name: value.encode("latin-1") for name, value in pairs}
        if len(given) != len(pairs) or given.get("hub.mode") != b"subscribe":
            return NOT_VERIFIED
        if not compare_digest(given.get("hub.verify_token", b""), self._verify_token):
            return NOT_VERIFIED
        challenge = given.get("hub.challenge")
        if challenge is None:
            return NOT_VERIFIED
        if len(challenge) > CHALLENGE_BYTES_MAX:
            return BAD_CHALLENGE
        return Answer(200, challenge)

    async def _deliver(self, scope: Scope, receive: Receive) -> Answer | None:
        signatures = []
        body_bytes = BODY_BYTES_MAX
        for name, value in scope["headers"]:
            if name == b"x-hub-signature-256":
                signatures.append(value)
            elif name == b"content-length":
                if not value.isdigit():
                    return BAD_LENGTH
                body_bytes = int(value)
        if body_bytes > BODY_BYTES_MAX:
            return TOO_LARGE
        if not self._intake.reserve(body_bytes):
            return UNAVAILABLE
        try:
            body = await read_body(receive)
            secret = signer(self._secrets, body, signatures[0]) if len(signatures) == 1 else None
            if secret is None:
                return BAD_SIGNATURE
            await self._intake.store(body, signatures[0].decode(), secret.fingerprint)
        except IntakeUnavailable:
            return UNAVAILABLE
        except BodyTooLarge:
            return TOO_LARGE
        except BodyTooSlow:
            return TOO_SLOW
        except ClientGone:
            return None
        finally:
            self._intake.release(body_bytes)
        return STORED


async def read_body(receive: Receive) -> bytes:
    """The whole body, counted while it arrives.

    Raises BodyTooLarge, BodyTooSlow or ClientGone.
    """
    parts: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(BODY_READ_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                part = message.get("body", b"")
                length += len(part)
                if length > BODY_BYTES_MAX:
                    raise BodyTooLarge
                parts.append(part)
                if not message.get("more_body", False):
                    return parts[0] if len(parts) == 1 else b"".join(parts)
    except TimeoutError:
        raise BodyTooSlow from None
