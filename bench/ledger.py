"""A load that writes down what was acknowledged: the only witness of what must not be lost."""

import asyncio
from collections.abc import Iterator

import msgspec

from bench.generator import signed
from bench.load import PATH
from bench.service import SECRET

CONNECTIONS = 32


class Ledger:
    """Ids of the items that were sent, and of those that got a 200. Nothing is sent twice."""

    def __init__(self, seed: int) -> None:
        self._bodies = signed(seed, SECRET, 10_000_000)
        self.sent = 0
        self.refused = 0
        self.acknowledged: list[tuple[str, str]] = []

    async def post_until_it_dies(self, port: int) -> None:
        """Post over all connections until the server has hung up on each of them."""
        await asyncio.gather(*(self._post(port) for _ in range(CONNECTIONS)))

    async def _post(self, port: int) -> None:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return
        try:
            for body, signature in self._bodies:
                self.sent += 1
                writer.write(request(body, signature))
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                await reader.readexactly(length)
                if head.startswith(b"HTTP/1.1 200"):
                    self.acknowledged += items(body)
                else:
                    self.refused += 1
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


def request(body: bytes, signature: str) -> bytes:
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nX-Hub-Signature-256: {signature}\r\n\r\n"
    )
    return head.encode() + body


def items(body: bytes) -> Iterator[tuple[str, str]]:
    """Message id and status of each item; an incoming message has the status ''."""
    value = msgspec.json.decode(body)["entry"][0]["changes"][0]["value"]
    for item in value.get("messages", []):
        yield item["id"], ""
    for item in value.get("statuses", []):
        yield item["id"], item["status"]
