"""Files that were stored, wherever that is: their beginning, and an answer with their bytes."""

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from read_api.media_types import HEAD_BYTES


class StoredFile(Protocol):
    """A file that is there; `head` is its first HEAD_BYTES."""

    @property
    def head(self) -> bytes: ...

    def respond(self, request: Request, headers: Mapping[str, str]) -> Response:
        """The file, or the part that `Range` asks for; `headers` have its type and its ETag."""
        ...


class StoredFiles(Protocol):
    """Where files lie."""

    async def find(self, digest: str) -> StoredFile:
        """The file with this SHA-256 (hex); raises OSError when it is not there."""
        ...


class LocalFile:
    """A file of a folder."""

    def __init__(self, path: Path, head: bytes, stat_result: os.stat_result) -> None:
        self.head = head
        self._path, self._stat = path, stat_result

    def respond(self, request: Request, headers: Mapping[str, str]) -> Response:
        return FileResponse(
            self._path,
            headers=headers,
            media_type=headers["Content-Type"],
            stat_result=self._stat,
        )


class LocalFiles:
    """Files of a folder; `path_of` says where the one with a SHA-256 lies."""

    def __init__(self, path_of: Callable[[str], Path]) -> None:
        self._path_of = path_of

    async def find(self, digest: str) -> LocalFile:
        return await anyio.to_thread.run_sync(_look, self._path_of(digest))


def _look(path: Path) -> LocalFile:
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise FileNotFoundError(path)
        return LocalFile(path, file.read(HEAD_BYTES), found)
