"""The local store: a file lies under the SHA-256 of its content, and under no other name.

A file is there whole or not at all: it is written beside, synced, renamed, and the folder synced.
An equal file that is stored again replaces itself.
"""

import logging
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

logger = logging.getLogger(__name__)

NAME = "local"
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


class LocalStore:
    """Files below `folder`, which is made when the first one comes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._incoming = folder / "incoming"

    def path(self, digest: str) -> Path:
        """Where the file with this SHA-256 (hex) is; raises ValueError for anything else."""
        if not _SHA256.fullmatch(digest):
            raise ValueError("not a SHA-256 in hex")
        return self.folder / digest[:2] / digest[2:4] / digest

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        """A place to write to, gone at the end unless it was kept."""
        _make_folder(self._incoming)
        path = self._incoming / secrets.token_hex(16)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield Incoming(path, file)
        finally:
            path.unlink(missing_ok=True)

    def keep(self, incoming: Incoming) -> None:
        """Put what was written under its name, to stay there whatever happens to the machine."""
        incoming.file.flush()
        os.fsync(incoming.file.fileno())
        logger.debug("media file synced")
        target = self.path(incoming.sha256)
        _make_folder(target.parent)
        os.replace(incoming.path, target)
        logger.debug("media file renamed")
        _sync(target.parent)

    def clear_leftovers(self) -> None:
        """Remove what killed processes had begun to write."""
        oldest = time.time() - LEFTOVER_S
        if self._incoming.is_dir():
            for path in self._incoming.iterdir():
                if path.stat().st_mtime < oldest:
                    path.unlink(missing_ok=True)


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
