"""A file that is there whole or not at all."""

import contextlib
import fcntl
import glob
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PART = ".part"


@contextlib.contextmanager
def whole_file(output: Path) -> Iterator[BinaryIO]:
    """A file to be written, its owner's alone to read; what was there stays until it is whole.

    A process that is killed leaves at most an unfinished one, whose name ends in `.part`. The next
    one removes it, but for what somebody still writes: what a killed one had started may go on, and
    must not get into the file of another.
    """
    for left in output.parent.glob(f"{glob.escape(output.name)}.*{PART}"):
        _remove_left(left)
    descriptor, name = tempfile.mkstemp(PART, f"{output.name}.", output.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(output)
        _sync(output.absolute().parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _remove_left(path: Path) -> None:
    """Whoever writes it holds its lock, and hands that on to the programs that write for him."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()


def _sync(folder: Path) -> None:
    """Or the new name may be gone after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
