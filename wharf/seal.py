"""The seal at the end of a backup: pg_restore takes a file that was cut off without a word."""

import os
import re
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

_SEAL = re.compile(rb"\nwharf backup ([0-9a-f]{64})\n")
_BYTES = len("\nwharf backup \n") + 64
CHUNK = 1024 * 1024


def seal(file: BinaryIO) -> None:
    """Append the SHA-256 of what is in the file; pg_restore does not look behind its archive."""
    size = file.seek(0, os.SEEK_END)
    digest = _digest(file, size)
    file.seek(size)
    file.write(b"\nwharf backup " + digest.encode() + b"\n")


def is_whole(path: Path) -> bool:
    """Whether the file ends in a seal, and is what was sealed."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size < _BYTES:
            return False
        file.seek(size - _BYTES)
        found = _SEAL.fullmatch(file.read())
        return found is not None and found[1].decode() == _digest(file, size - _BYTES)


def _digest(file: BinaryIO, size: int) -> str:
    digest = sha256()
    file.seek(0)
    left = size
    while left:
        part = file.read(min(CHUNK, left))
        if not part:
            raise EOFError("the file became shorter")
        digest.update(part)
        left -= len(part)
    return digest.hexdigest()
