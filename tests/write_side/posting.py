"""Posting to the whole application as Meta does, and looking at what is stored then."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import httpx
import psycopg

from events.envelope import Position
from wharf.web import Secrets, create_app
from write_side.errors import IntakeUnavailable
from write_side.intake import Intake
from write_side.signature import app_secrets, sign
from write_side.webhook import Webhook

SECRET = "the app secret that Meta signs with"
TOKEN = "the token of the handshake"
PATH = "/api/whatsapp/webhook/"
# Only against hanging for ever; nothing is expected to take this long.
GUARD_S = 120.0

_numbers = count(1)


def delivery(text: str = "hola", *, phone: str = "5511987654321") -> bytes:
    """A body with one text message that was never sent before."""
    wamid = f"wamid.{next(_numbers):08}"
    item = {"from": phone, "id": wamid, "timestamp": "1763000000", "type": "text"}
    return with_items({**item, "text": {"body": text}})


def with_items(*messages: object) -> bytes:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
        "messages": list(messages),
    }
    change = {"field": "messages", "value": value}
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    return json.dumps(body).encode()


@asynccontextmanager
async def client_for(
    url: str,
    *,
    secrets: Sequence[str] = (SECRET,),
    on_stored: Callable[[Position], None] = lambda position: None,
    **options: Any,
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the started application, which is ready to take deliveries."""
    both = Secrets(app_secrets=tuple(secrets), verify_token=TOKEN)
    app = create_app(url, both, on_stored, **options)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await eventually(lambda: _intake_is_ready(client))
            yield client


async def _intake_is_ready(client: httpx.AsyncClient) -> bool:
    return bool((await client.get("/readyz")).json()["intake"] == "ready")


async def post(client: httpx.AsyncClient, body: bytes, secret: str = SECRET) -> httpx.Response:
    headers = {"X-Hub-Signature-256": sign(secret, body), "Content-Type": "application/json"}
    return await client.post(PATH, content=body, headers=headers)


@asynccontextmanager
async def running(url: str, **options: Any) -> AsyncIterator[Intake]:
    """An intake that has its connection."""
    intake = Intake(url, **options)
    await intake.start()
    try:
        await eventually(lambda: _available(intake))
        yield intake
    finally:
        await intake.stop()


async def _available(intake: Intake) -> bool:
    return intake.available


async def store_all(intake: Intake, bodies: Sequence[bytes]) -> list[bool]:
    """Whether each was stored."""
    async with asyncio.timeout(GUARD_S):
        answers = await asyncio.gather(
            *[intake.store(body, sign(SECRET, body), "secret") for body in bodies],
            return_exceptions=True,
        )
    assert all(answer is None or isinstance(answer, IntakeUnavailable) for answer in answers)
    return [answer is None for answer in answers]


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is so."""
    guard = time.monotonic() + GUARD_S
    while not await condition():
        assert time.monotonic() < guard, f"not within {GUARD_S:.0f} s"
        await asyncio.sleep(0.005)


class Store:
    """What is stored, seen past the service; and the append lock, to hold appends up."""

    def __init__(self, url: str) -> None:
        self.url = url

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as conn:
            return conn.execute(query.encode(), values).fetchall()

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as conn:
            conn.execute(statement.encode())

    def has(self, body: bytes) -> bool:
        """Whether exactly these bytes are there."""
        digest = hashlib.sha256(body).digest()
        found = self.rows("select body from log.deliveries where sha256 = %s", digest)
        return [body] == [bytes(row[0]) for row in found]

    def outcome(self, body: bytes) -> tuple[Any, ...]:
        """How the delivery ended and how often it came."""
        digest = hashlib.sha256(body).digest()
        (row,) = self.rows("select outcome, attempts from log.deliveries where sha256 = %s", digest)
        return row

    def events_of(self, body: bytes) -> list[str]:
        digest = hashlib.sha256(body).digest()
        return [
            row[0]
            for row in self.rows(
                "select e.type from log.events e join log.deliveries d on d.id = e.delivery_id"
                " where d.sha256 = %s order by e.position",
                digest,
            )
        ]

    def appends(self) -> int:
        """How many appends made the events: each has one time of its own."""
        return int(self.rows("select count(distinct recorded_at) from log.events")[0][0])

    @asynccontextmanager
    async def appends_held(self) -> AsyncIterator[None]:
        """Nobody can append while this lasts."""
        async with await psycopg.AsyncConnection.connect(self.url) as conn:
            await conn.execute("lock table log.append_lock in exclusive mode")
            yield
            await conn.rollback()

    async def an_append_waits(self) -> bool:
        return bool(
            self.rows(
                "select from pg_locks where relation = 'log.append_lock'::regclass"
                " and not granted and database = (select oid from pg_database"
                "                                  where datname = current_database())"
            )
        )


class Wire:
    """One POST straight into an ASGI callable: every byte and every header as given."""

    def __init__(
        self,
        parts: Sequence[bytes],
        headers: Sequence[tuple[bytes, bytes]] = (),
        *,
        method: str = "POST",
        query: bytes = b"",
    ) -> None:
        self.scope: MutableMapping[str, Any] = {
            "type": "http",
            "method": method,
            "path": PATH,
            "query_string": query,
            "headers": list(headers),
        }
        self.parts = list(parts)
        self.received = 0
        self.sent: list[MutableMapping[str, Any]] = []

    async def receive(self) -> MutableMapping[str, Any]:
        self.received += 1
        part = self.parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(self.parts)}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.sent.append(message)

    async def through(self, app: Callable[..., Awaitable[None]]) -> "Wire":
        await app(self.scope, self.receive, self.send)
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.sent[0]["headers"] if key == name.encode()]
        return found[0].decode() if found else None


def webhook(taking: Intake) -> Webhook:
    return Webhook(taking, app_secrets([SECRET]), TOKEN)


def signed(body: bytes, *more: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """The headers of a right delivery."""
    return [(b"x-hub-signature-256", sign(SECRET, body).encode()), *more]
