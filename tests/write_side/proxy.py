"""A way to the database that can be cut, frozen, or lose an answer; the database stays whole."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

PORT = 5432


class Proxy:
    """Forwards between a socket of its own and the server's."""

    def __init__(self, url: str, folder: Path) -> None:
        params = conninfo_to_dict(url)
        self._target = f"{params['host']}/.s.PGSQL.{params.get('port') or PORT}"
        self._path = folder / f".s.PGSQL.{PORT}"
        self.url = make_conninfo(url, host=str(folder), port=PORT)
        self._listening: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._lose_answers = False

    async def come(self) -> None:
        """The database can be reached, until it goes."""
        self._listening = await asyncio.start_unix_server(self._serve, self._path)

    async def go(self) -> None:
        """As if the server had died: connections end, and there are no new ones."""
        assert self._listening is not None
        self._listening.close()
        self._path.unlink(missing_ok=True)
        self.cut()

    def cut(self) -> None:
        """As if each connection had been reset; new ones are possible."""
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    def freeze(self) -> None:
        """Nothing comes through any more, and nobody is told."""
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def lose_answers(self) -> None:
        """What the server says next is lost together with its connection."""
        self._lose_answers = True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_unix_connection(self._target)
        self._open |= {writer, server_writer}
        for source, target, answers in (
            (reader, server_writer, False),
            (server_reader, writer, True),
        ):
            task = asyncio.create_task(self._forward(source, target, answers))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _forward(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, answers: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while part := await source.read(65_536):
                await self._flowing.wait()
                if answers and self._lose_answers:
                    self._lose_answers = False
                    self.cut()
                    return
                target.write(part)
                await target.drain()
        target.close()

    async def close(self) -> None:
        self.thaw()
        await self.go()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def proxied(url: str, folder: Path) -> AsyncIterator[Proxy]:
    """A proxy that is there; `folder` must have a short path, for the socket's sake."""
    proxy = Proxy(url, folder)
    await proxy.come()
    try:
        yield proxy
    finally:
        await proxy.close()
