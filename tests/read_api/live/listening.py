"""A client of a stream, straight on an ASGI application: it can stop taking, and hang up."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from types import TracebackType
from typing import Any, NamedTuple

import orjson

App = Callable[[Any, Any, Any], Awaitable[None]]
# Only against hanging for ever; nothing is expected to take this long.
GUARD_S = 180.0


class Heard(NamedTuple):
    """One event: its name, its data, and the id that the client has with it."""

    event: str
    data: dict[str, Any]
    id: int

    @property
    def position(self) -> int:
        return int(self.data["position"])


class Listener:
    """Reads server-sent events as a browser does, and keeps the last id."""

    def __init__(
        self, app: App, query: str = "", headers: Sequence[tuple[str, str]] = (), path: str = ""
    ) -> None:
        self._app = app
        self.scope: MutableMapping[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path or "/api/whatsapp/stream/",
            "raw_path": b"",
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
            "state": {},
        }
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.heard: list[Heard] = []
        self.last_id = -1
        self.ended = False
        self._unread = b""
        self._started = asyncio.Event()
        self._gone = asyncio.Event()
        self._changed = asyncio.Event()
        self._taking = asyncio.Event()
        self._taking.set()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Listener":
        self._task = asyncio.create_task(self._run())
        async with asyncio.timeout(GUARD_S):
            await self._started.wait()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._gone.set()
        self._taking.set()
        assert self._task is not None  # entered before it is left
        async with asyncio.timeout(GUARD_S):
            await self._task

    def stop_taking(self) -> None:
        """Leave what comes where it is, as somebody whose line is too thin."""
        self._taking.clear()

    def take_again(self) -> None:
        self._taking.set()

    async def until(self, condition: Callable[["Listener"], bool]) -> list[Heard]:
        """Everything heard, once it is so."""
        async with asyncio.timeout(GUARD_S):
            while not condition(self):
                self._changed.clear()
                await self._changed.wait()
        return self.heard

    async def hears(self, number: int) -> list[Heard]:
        """The first so many events."""
        return (await self.until(lambda self: len(self.heard) >= number))[:number]

    async def end(self) -> None:
        """Until the service closes the stream."""
        await self.until(lambda self: self.ended)

    async def _run(self) -> None:
        try:
            await self._app(self.scope, self._receive, self._send)
        finally:
            self.ended = True
            self._started.set()
            self._changed.set()

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        await self._taking.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self._read(message.get("body", b""))
            self._started.set()
        self._changed.set()

    def _read(self, part: bytes) -> None:
        self.body += part
        self._unread += part
        *blocks, self._unread = self._unread.split(b"\n\n")
        for block in blocks:
            fields = dict(
                line.split(b": ", 1) for line in block.split(b"\n") if not line.startswith(b":")
            )
            self.last_id = int(fields.get(b"id", self.last_id))
            if b"data" in fields:
                data = orjson.loads(fields[b"data"])
                self.heard.append(Heard(fields[b"event"].decode(), data, self.last_id))
