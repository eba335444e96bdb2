"""The webhook: Meta's handshake by GET, its deliveries by POST.

A bare ASGI callable: a Request, a Route and a Response cost half as much as all the rest.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from starlette.types import Message, Receive, Scope, Send

from write_side.attempt_store import Kind
from write_side.errors import IntakeUnavailable
from write_side.handshake import CHALLENGE_TOO_LONG, VERIFIED, shake_hands
from write_side.intake import Intake
from write_side.signature import AppSecret, signer, why_not

# Meta sends up to 3 MB. Source: Cloud API webhooks, "Payload size", read 2026-11.
BODY_BYTES_MAX = 3 * 1024 * 1024
# Meta gives up after some 20 s; a body that drips for longer is nobody's delivery.
BODY_READ_S = 20.0
RETRY_AFTER_S = 2

BODY_TOO_LARGE = "the body is over 3 MiB"

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
        self.status = status
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


class Note(Protocol):
    """Takes note of an attempt that stored nothing; it must neither wait nor fail."""

    def __call__(
        self, kind: Kind, scope: Scope, reason: str, body_bytes: int | None = None
    ) -> None: ...


class Webhook:
    """Answers 200 to a delivery only after its commit, and nothing unsigned at all."""

    def __init__(
        self,
        intake: Intake,
        secrets: Sequence[AppSecret],
        verify_token: str,
        note: Note = lambda kind, scope, reason, body_bytes=None: None,
    ) -> None:
        if not secrets or not verify_token:
            raise ValueError("a webhook without secrets would take anything")
        self._intake = intake
        self._secrets = tuple(secrets)
        self._verify_token = verify_token.encode()
        self._note = note
        # How often each status was answered since the process started.
        self.answered: Counter[int] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            answer = await self._deliver(scope, receive)
        elif scope["method"] == "GET":
            answer = self._shake_hands(scope)
        else:
            answer = NOT_ALLOWED
        if answer is not None:
            self.answered[answer.status] += 1
            await answer(send)

    def _shake_hands(self, scope: Scope) -> Answer:
        """Echo the challenge verbatim to whoever knows the verify token."""
        reason, challenge = shake_hands(scope["query_string"], self._verify_token)
        self._note("handshake", scope, reason)
        if reason == VERIFIED:
            return Answer(200, challenge)
        return BAD_CHALLENGE if reason == CHALLENGE_TOO_LONG else NOT_VERIFIED

    async def _deliver(self, scope: Scope, receive: Receive) -> Answer | None:
        signatures = []
        body_bytes = BODY_BYTES_MAX
        for name, value in scope["headers"]:
            if name == b"x-hub-signature-256":
                signatures.append(value)
            elif name == b"content-length":
                if not value.isdigit():
                    self._note("delivery", scope, "the content length is not a number")
                    return BAD_LENGTH
                body_bytes = int(value)
        if body_bytes > BODY_BYTES_MAX:
            self._note("delivery", scope, BODY_TOO_LARGE)
            return TOO_LARGE
        if not self._intake.reserve(body_bytes):
            return UNAVAILABLE
        try:
            body = await read_body(receive)
            secret = signer(self._secrets, body, signatures[0]) if len(signatures) == 1 else None
            if secret is None:
                self._note("delivery", scope, why_not(signatures), len(body))
                return BAD_SIGNATURE
            await self._intake.store(body, signatures[0].decode(), secret.fingerprint)
        except IntakeUnavailable:
            return UNAVAILABLE
        except BodyTooLarge:
            self._note("delivery", scope, BODY_TOO_LARGE)
            return TOO_LARGE
        except BodyTooSlow:
            self._note("delivery", scope, "the body did not arrive in time")
            return TOO_SLOW
        except ClientGone:
            self._note("delivery", scope, "the client went before its body was complete")
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
