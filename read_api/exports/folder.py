"""The folder of exports: a file is there as a whole or not at all."""

import contextlib
import hashlib
import os
import time
from collections.abc import Collection
from pathlib import Path
from types import TracebackType

PART = ".part"
# What a killed worker has left; whoever is still at it has touched its own since.
LEFTOVER_S = 3_600.0


class TooLarge(Exception):
    """The file would be larger than all exports may be together."""


class Folder:
    """Where exports lie; all processes of an installation share it."""

    def __init__(self, path: Path, bytes_max: int) -> None:
        self.path = path
        self.bytes_max = bytes_max

    def writing(self, name: str) -> "Writing":
        return Writing(self, name)

    def file(self, name: str) -> Path:
        return self.path / name

    def remove(self, name: str) -> None:
        self.file(name).unlink(missing_ok=True)

    def clear(self, wanted: Collection[str]) -> None:
        """Delete what nobody wants and nobody is at."""
        if not self.path.is_dir():
            return
        before = time.time() - LEFTOVER_S
        for path in self.path.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.name not in wanted and path.stat().st_mtime < before:
                    path.unlink()


class Writing:
    """A file that is being written; it gets its name when it is whole and safe on the disk."""

    def __init__(self, folder: Folder, name: str) -> None:
        self._folder = folder
        self._name = name
        self._hash = hashlib.sha256()
        self.bytes = 0

    def __enter__(self) -> "Writing":
        self._folder.path.mkdir(parents=True, exist_ok=True, mode=0o750)
        self._part = self._folder.file(self._name + PART)
        self._file = open(self._part, "xb", opener=_private)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, part: bytes) -> None:
        """Raises TooLarge."""
        self.bytes += len(part)
        if self.bytes > self._folder.bytes_max:
            raise TooLarge
        self._hash.update(part)
        self._file.write(part)

    def keep(self) -> None:
        """From now on it is there."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._part.rename(self._folder.file(self._name))
        fd = os.open(self._folder.path, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o640)
