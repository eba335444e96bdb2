"""Asking for exports, looking how far they are, and fetching their files."""

import stat
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import anyio.to_thread
import psycopg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from events.database import Pool
from read_api import parameters
from read_api.answers import JSONAnswer
from read_api.errors import (
    ExportFailed,
    ExportMissing,
    NotFound,
    ScopeNeeded,
    StoreUnavailable,
    TooManyExports,
)
from read_api.exports import jobs
from read_api.exports.folder import Folder
from read_api.exports.jobs import Connection, Job
from read_api.exports.sources import SOURCES, Lists
from read_api.exports.wishes import ExportWish
from read_api.live.changes import Facts
from read_api.live.endpoints import allowed_numbers
from read_api.message_rows import milliseconds
from read_api.models.export import Export, ExportList, ExportState, Manifest
from read_api.reading import Reading

RETRY_AFTER_S = 2
PREFIX = "/api/whatsapp/exports/"
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}

T = TypeVar("T")

# The body as a wish; how it is told that it is none is the same for every command.
Take = Callable[[Request, type[ExportWish]], Awaitable[ExportWish]]


class Exports:
    """The endpoints. Everybody has their own exports; those of others are not there."""

    def __init__(
        self, pool: Pool, reading: Reading, facts: Facts, folder: Folder, take: Take
    ) -> None:
        self._pool = pool
        self._reading = reading
        self._facts = facts
        self._folder = folder
        self._take = take

    async def create(self, request: Request) -> Response:
        """202; a worker makes it. What the list would refuse is refused here.

        Raises InvalidParameter, NotFound, ScopeNeeded and TooManyExports.
        """
        wish = await self._take(request, ExportWish)
        wish.chosen()
        for scope in SOURCES[wish.kind].scopes:
            if scope not in request.auth.scopes:
                raise ScopeNeeded(scope)
        await Lists(self._reading, self._facts, request.auth).check(wish.kind, wish.items())
        numbers = allowed_numbers(request)
        job = await self._ask(
            lambda conn: jobs.create(
                conn,
                request.user.username,
                sorted(request.auth.scopes),
                None if numbers is None else sorted(numbers),
                wish.model_dump(mode="json"),
            )
        )
        if job is None:
            raise TooManyExports(jobs.KEPT_MAX)
        return await self._answer(export(job), 202, {"Location": f"{PREFIX}{job.id}/"})

    async def list_own(self, request: Request) -> Response:
        """All there are, newest first."""
        parameters.parse(request.query_params.multi_items(), {})
        found = await self._ask(lambda conn: jobs.of_actor(conn, request.user.username))
        content: ExportList = {
            "count": len(found),
            "exports": [export(job) for job in found],
            "next_cursor": None,
            "prev_cursor": None,
            "has_more": False,
        }
        return await self._answer(content)

    async def get(self, request: Request) -> Response:
        """How far it is. Raises NotFound."""
        parameters.parse(request.query_params.multi_items(), {})
        return await self._answer(export(await self._find(request)))

    async def get_file(self, request: Request) -> Response:
        """200 or 206 with the file, 202 while it is made.

        Raises NotFound, ExportFailed, and ExportMissing when another host has it.
        """
        parameters.parse(request.query_params.multi_items(), {})
        job = await self._find(request)
        if job.failed_at is not None:
            raise ExportFailed(job.reason or "")
        if job.file is None:
            return await self._answer(export(job), 202, {"Retry-After": str(RETRY_AFTER_S)})
        path = self._folder.file(job.file)
        try:
            found = await anyio.to_thread.run_sync(Path.stat, path)
        except OSError as error:
            raise ExportMissing from error
        if not stat.S_ISREG(found.st_mode) or found.st_size != job.bytes:
            raise ExportMissing
        kind, form = job.wish["kind"], job.wish["format"]
        name = f"wharf-{kind}-{job.created_at:%Y-%m-%d-%H%M%S}.{form}"
        headers = {
            "ETag": f'"{job.sha256}"',
            "Content-Type": TYPES[form],
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, no-cache",
            "X-Log-Position": str(job.position),
        }
        return FileResponse(path, headers=headers, media_type=TYPES[form], stat_result=found)

    async def delete(self, request: Request) -> Response:
        """204: it is gone, and is not made if it was not yet. Raises NotFound."""
        id_ = _id(request)
        job = await self._ask(lambda conn: jobs.delete(conn, id_, request.user.username))
        if job is None:
            raise NotFound("export")
        if job.file is not None:
            await anyio.to_thread.run_sync(self._folder.remove, job.file)
        return await self._answer(None, 204)

    async def _answer(
        self, content: Any, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Response:
        position = (await self._reading.read([])).position
        more = {"Cache-Control": "no-store", "X-Log-Position": str(position), **(headers or {})}
        if status == 204:
            return Response(status_code=status, headers=more)
        return JSONAnswer(content, status, more)

    async def _find(self, request: Request) -> Job:
        id_ = _id(request)
        job = await self._ask(lambda conn: jobs.find(conn, id_, request.user.username))
        if job is None:
            raise NotFound("export")
        return job

    async def _ask(self, use: Callable[[Connection], Awaitable[T]]) -> T:
        # After a restart of the database the idle connections are dead: weed, and try once more.
        for last in (False, True):
            try:
                async with self._pool.connection() as conn:
                    return await use(conn)
            except (PoolTimeout, PoolClosed, TooManyRequests) as error:
                raise StoreUnavailable("no connection to the database") from error
            except psycopg.OperationalError as error:
                if last:
                    raise StoreUnavailable("the database does not answer") from error
                await self._pool.check()
        raise AssertionError("the second try has returned or raised")


def export(job: Job) -> Export:
    """The export as its owner sees it."""
    ready = job.made_at is not None
    return {
        "id": str(job.id),
        "kind": job.wish["kind"],
        "format": job.wish["format"],
        "state": _state(job),
        "filters": job.wish["filters"],
        "columns": job.wish["columns"],
        "tz": job.wish["tz"],
        "bom": job.wish["bom"],
        "created_at": milliseconds(job.created_at),
        "rows": job.rows,
        "bytes": job.bytes,
        "sha256": job.sha256,
        "file_url": f"{PREFIX}{job.id}/file" if ready else None,
        "expires_at": None if job.expires_at is None else milliseconds(job.expires_at),
        "reason": job.reason if job.failed_at is not None else None,
        "manifest": _manifest(job),
    }


def _state(job: Job) -> ExportState:
    if job.made_at is not None:
        return "ready"
    if job.failed_at is not None:
        return "failed"
    return "queued" if job.lease is None else "making"


def _manifest(job: Job) -> Manifest | None:
    if job.made_at is None:
        return None
    assert job.bytes is not None  # set together with made_at, as are the next two
    assert job.sha256 is not None
    assert job.position is not None
    return {
        "kind": job.wish["kind"],
        "format": job.wish["format"],
        "filters": job.wish["filters"],
        "columns": job.wish["columns"],
        "tz": job.wish["tz"],
        "rows": job.rows,
        "bytes": job.bytes,
        "sha256": job.sha256,
        "position": job.position,
        "first_position": job.first_position,
        "last_position": job.last_position,
        "made_at": milliseconds(job.made_at),
    }


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise NotFound("export") from None
