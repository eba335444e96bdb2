"""Making: one export, from the rows of a snapshot to a file, in memory that does not grow."""

import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple

from starlette.authentication import AuthCredentials

from read_api.answers import as_json
from read_api.exports import cells, jobs
from read_api.exports.columns import Columns
from read_api.exports.folder import Folder, Writing
from read_api.exports.jobs import Connection, Job, Made
from read_api.exports.snapshot import snapshot
from read_api.exports.sources import Lists, Standing
from read_api.exports.wishes import ExportWish
from read_api.live.changes import Facts
from read_api.numbers import only

RENEW_S = jobs.LEASE_S / 4
BOM = b"\xef\xbb\xbf"


class LeaseLost(Exception):
    """Somebody else makes it by now, or nobody wants it any more."""


class Places(NamedTuple):
    """What an export is made of and where it goes; `facts` opens a way to the log."""

    url: str
    facts: Callable[[], AbstractAsyncContextManager[Facts]]
    folder: Folder


async def make(conn: Connection, places: Places, job: Job) -> Made:
    """Write the file; it is there when this returns.

    Raises LeaseLost, TooLarge, ReadError and psycopg's errors; then there is no file.
    """
    wish = ExportWish.model_validate(job.wish)
    name = f"{job.id}-{job.lease}.{wish.format}"
    standing: AuthCredentials = Standing(job.scopes, job.numbers)
    renew_at = time.monotonic() + RENEW_S
    count, first, last = 0, None, None
    with places.folder.writing(name) as file, only(job.numbers):
        written = _Lines(file, wish.chosen())
        if wish.format == "csv":
            written.head(bom=wish.bom)
        async with (
            snapshot(places.url, secrets.token_bytes(32)) as reading,
            places.facts() as facts,
        ):
            lists = Lists(reading, facts, standing)
            async for page in lists.pages(wish.kind, wish.items()):
                written.rows(page, wish.format)
                count += len(page)
                positions = [row["position"] for row in page if "position" in row]
                first = min([first, *positions], key=_or_greatest, default=None)
                last = max([last or 0, *positions]) or None
                if time.monotonic() >= renew_at:
                    if not await jobs.renew(conn, job, count):
                        raise LeaseLost
                    renew_at = time.monotonic() + RENEW_S
            position = reading.position
        file.keep()
        return Made(name, count, file.bytes, file.sha256, position, first, last)


class _Lines:
    """Rows as lines of the file, whole or of chosen columns."""

    def __init__(self, file: Writing, columns: Columns | None) -> None:
        self._file = file
        self._columns = columns

    def head(self, *, bom: bool) -> None:
        assert self._columns is not None  # CSV has columns
        if bom:
            self._file.write(BOM)
        self._file.write(cells.rows([self._columns.paths]))

    def rows(self, page: list[dict[str, Any]], form: str) -> None:
        picked: Iterable[dict[str, Any]] = page
        if self._columns is not None:
            picked = (self._columns.pick(row) for row in page)
        if form == "csv":
            self._file.write(cells.rows(row.values() for row in picked))
        else:
            self._file.write(b"".join([as_json(row) + b"\n" for row in picked]))


def _or_greatest(position: int | None) -> int:
    return 1 << 63 if position is None else position
