"""Files that messages refer to: where Meta would have them, and what they are."""

import asyncio
import base64
import hashlib
import io
import struct
import threading
import wave
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from tests.write_side.media.graph import Graph, graph_api, reply


class File(NamedTuple):
    """As it is, and as a message claims it is."""

    content: bytes
    mime_type: str

    def told(self, media_id: str, **more: Any) -> dict[str, Any]:
        """As a message tells of it."""
        digest = hashlib.sha256(self.content).digest()
        return {
            "id": media_id,
            "mime_type": self.mime_type,
            "sha256": base64.b64encode(digest).decode(),
            **more,
        }


@contextmanager
def meta_has(files: Mapping[str, File]) -> Iterator[str]:
    """The address of a Graph API, in a thread of its own, that has these files by media id."""
    ready, ending = threading.Event(), threading.Event()
    found: list[Graph] = []

    async def serve() -> None:
        async with graph_api() as graph:
            for media_id, file in files.items():
                url = f"{graph.url}/file/{media_id}"
                told = graph.lookup(file.content, mime_type=file.mime_type, url=url)
                graph.on(f"/v24.0/{media_id}", told)
                graph.on(f"/file/{media_id}", reply(200, file.content))
            found.append(graph)
            ready.set()
            await asyncio.to_thread(ending.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait()
    try:
        yield found[0].url
    finally:
        ending.set()
        thread.join()


def sound() -> bytes:
    """A tenth of a second of silence."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8_000)
        file.writeframes(b"\x80" * 800)
    return written.getvalue()


def pdf() -> bytes:
    """A page with nothing on it."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
    )
    lines = (b"%d 0 obj%sendobj\n" % (n, each) for n, each in enumerate(objects, 1))
    return b"%PDF-1.4\n" + b"".join(lines) + b"trailer<</Root 1 0 R>>\n%%EOF"


def picture(width: int = 640, height: int = 480) -> bytes:
    """A PNG of a tap that nobody can recognise: light on water, made of two waves."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            wave = (x * x // 900 + y * 3 + (x * y) // 400) % 255
            rows += bytes((40 + wave // 4, 110 + wave // 3, 130 + (255 - wave) // 3))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
