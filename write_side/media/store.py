"""Stores: a file lies under the SHA-256 of its content, and under no other name.

A file is there whole or not at all, and an equal one that is stored again replaces itself. In the
local store it is written beside, synced, renamed, and the folder synced.
"""

import logging
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Protocol

logger = logging.getLogger(__name__)

MODE = 0o640
# Whoever was to rename a file this old has lost its lease long ago.
LEFTOVER_S = 24 * 3600.0

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Incoming:
    """A file that is being written; nobody can see it before `keep`."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path, self.file = path, file
        self._hash = sha256()
        self.size = 0

    def write(self, chunk: bytes) -> None:
        self.file.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)

    @property
    def sha256(self) -> str:
        """In hex, of what was written so far."""
        return self._hash.hexdigest()


class Spool:
    """Files that are coming, in `folder`, which is made when the first one comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        """A place to write to, gone at the end unless it was moved away."""
        _make_folder(self._folder)
        path = self._folder / secrets.token_hex(16)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield Incoming(path, file)
        finally:
            path.unlink(missing_ok=True)

    def clear_leftovers(self) -> None:
        """Remove what killed processes had begun to write."""
        oldest = time.time() - LEFTOVER_S
        if self._folder.is_dir():
            for path in self._folder.iterdir():
                if path.stat().st_mtime < oldest:
                    path.unlink(missing_ok=True)


class Store(Protocol):
    """Where files are kept; `keep` raises OSError where it can not."""

    name: str

    def incoming(self) -> AbstractContextManager[Incoming]:
        """A place to write a file to, which is gone at the end unless it was kept."""
        ...

    async def keep(self, incoming: Incoming) -> None:
        """Put what was written under its name, to stay there whatever happens."""
        ...

    def clear_leftovers(self) -> None:
        """Remove what killed processes had begun to write."""
        ...


class LocalStore:
    """Files below `folder`, which is made when the first one comes."""

    name = "local"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        spool = Spool(folder / "incoming")
        self.incoming = spool.incoming
        self.clear_leftovers = spool.clear_leftovers

    def path(self, digest: str) -> Path:
        """Where the file with this SHA-256 (hex) is; raises ValueError for anything else."""
        return self.folder / key(digest)

    async def keep(self, incoming: Incoming) -> None:
        """Put what was written under its name, to stay there whatever happens to the machine."""
        incoming.file.flush()
        os.fsync(incoming.file.fileno())
        logger.debug("media file synced")
        target = self.path(incoming.sha256)
        _make_folder(target.parent)
        os.replace(incoming.path, target)
        logger.debug("media file renamed")
        _sync(target.parent)


def key(digest: str) -> str:
    """The name of the file with this SHA-256 (hex) in any store; ValueError for anything else."""
    if not _SHA256.fullmatch(digest):
        raise ValueError("not a SHA-256 in hex")
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def _make_folder(folder: Path) -> None:
    """With its parents, each of which is synced: a folder that is lost takes its files along."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o750, exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
