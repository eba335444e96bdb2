"""A Graph API on loopback that answers as it is told to, and remembers who asked with what."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from write_side.media.fetching import Wanted

TOKEN = "EAAG-the-access-token"
MEDIA_ID = "1479537139650973"
LOOKUP = f"/v24.0/{MEDIA_ID}"
PICTURE = b"\xff\xd8\xff\xe0 a picture " + bytes(range(256)) * 40

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


class Seen(NamedTuple):
    path: str
    authorization: str | None


class Graph:
    """Answers by path; each path's answers in turn, the last one for ever."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.url = ""
        self._answers: dict[str, list[Answer]] = {}
        self._hanging: set[asyncio.StreamWriter] = set()

    def on(self, path: str, *answers: Answer) -> None:
        self._answers[path] = list(answers)

    def serves(self, content: bytes = PICTURE, **told: object) -> None:
        """A file that can be looked up and downloaded."""
        self.on(LOOKUP, self.lookup(content, **told))
        self.on("/file", reply(200, content))

    def lookup(self, content: bytes = PICTURE, **told: object) -> bytes:
        """What the Graph API tells of a file, as it should be but for what is `told`."""
        about = {
            "messaging_product": "whatsapp",
            "id": MEDIA_ID,
            "url": f"{self.url}/file",
            "mime_type": "image/jpeg",
            "sha256": sha256(content).hexdigest(),
            "file_size": len(content),
            **told,
        }
        return reply(200, json.dumps(about).encode())

    @property
    def paths(self) -> list[str]:
        return [seen.path for seen in self.seen]

    @property
    def told_token(self) -> bool:
        return any(TOKEN in (seen.authorization or "") for seen in self.seen)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._hanging.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {line.partition(":")[0].lower(): line.partition(": ")[2] for line in head[1:]}
            path = head[0].split(" ")[1]
            self.seen.append(Seen(path, headers.get("authorization")))
            answers = self._answers.get(path, [reply(404, b"{}")])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        writer.close()

    def hang_up(self) -> None:
        for writer in self._hanging:
            writer.close()


@asynccontextmanager
async def graph_api() -> AsyncIterator[Graph]:
    graph = Graph()
    server = await asyncio.start_server(graph.answer, "127.0.0.1", 0)
    graph.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield graph
    finally:
        graph.hang_up()
        server.close()
        await server.wait_closed()


def reply(status: int, content: bytes = b"", **headers: str) -> bytes:
    """A whole answer; a header's name is written with underscores."""
    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(content)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def cut_off(content: bytes = PICTURE) -> bytes:
    """An answer that ends before it said that it would."""
    return reply(200, content)[:-100]


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 x\r\nConnection: close\r\n\r\n")
    while True:
        writer.write(bytes(10_000))
        await writer.drain()


async def silent(writer: asyncio.StreamWriter) -> None:
    """Takes the request and says nothing for as long as the connection lasts."""
    await writer.wait_closed()


def error(status: int, code: int) -> bytes:
    return reply(status, json.dumps({"error": {"message": "no", "code": code}}).encode())


def wanted(
    content: bytes = PICTURE,
    *,
    url: str | None = None,
    media_id: str = MEDIA_ID,
    received_at: datetime | None = None,
) -> Wanted:
    """A file as a message announces it, its hash in base64."""
    return Wanted(
        media_id=media_id,
        url=url,
        sha256_sent=base64.b64encode(sha256(content).digest()).decode(),
        mime_type="image/jpeg",
        received_at=received_at or datetime.now(UTC),
    )
