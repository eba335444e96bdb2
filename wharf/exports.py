"""Exports put together: where their files are, and who makes them."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from psycopg.rows import DictRow

from events.database import connect_async
from events.facts import read_facts
from read_api.exports.folder import Folder
from read_api.exports.making import Places
from read_api.exports.working import ExportWork
from read_api.live.changes import Facts
from wharf.settings import Settings


def exports_folder(settings: Settings) -> Folder:
    """The folder that workers write to and the web side reads from."""
    return Folder(settings.data_dir / "exports", settings.exports_bytes_max)


def export_work(url: str, settings: Settings) -> ExportWork:
    """What a process with workers does about exports."""

    @asynccontextmanager
    async def facts() -> AsyncIterator[Facts]:
        async with await connect_async(url, "wharf_write") as conn:

            async def read(
                after: int,
                to: int,
                *,
                types: Collection[str],
                numbers: Collection[str] | None = None,
                limit: int,
            ) -> list[DictRow]:
                return await read_facts(conn, after, to, types=types, numbers=numbers, limit=limit)

            yield read

    return ExportWork(Places(url, facts, exports_folder(settings)))
