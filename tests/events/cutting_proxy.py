"""A network between us and PostgreSQL that loses what it is told to lose."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from psycopg import conninfo

from wharf.postgres.cluster import PORT


class CuttingProxy:
    """Set `cut`, and the next bytes in that direction are lost and the connection with them."""

    def __init__(self, url: str) -> None:
        self._params = conninfo.conninfo_to_dict(url)
        self.cut: Literal["request", "answer"] | None = None
        self.url = ""

    async def listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1")
        host, port = server.sockets[0].getsockname()
        address = {"host": host, "port": port, "sslmode": "disable", "gssencmode": "disable"}
        self.url = conninfo.make_conninfo(**{**self._params, **address})
        return server

    async def _serve(self, client_reader: StreamReader, client_writer: StreamWriter) -> None:
        path = f"{self._params['host']}/.s.PGSQL.{PORT}"
        server_reader, server_writer = await asyncio.open_unix_connection(path)

        async def carry(reader: StreamReader, writer: StreamWriter, direction: str) -> None:
            while data := await reader.read(65_536):
                if self.cut == direction:
                    break
                writer.write(data)
            client_writer.close()
            server_writer.close()

        await asyncio.gather(
            carry(client_reader, server_writer, "request"),
            carry(server_reader, client_writer, "answer"),
        )


@asynccontextmanager
async def cutting_proxy(url: str) -> AsyncIterator[CuttingProxy]:
    proxy = CuttingProxy(url)
    async with await proxy.listen():
        yield proxy
