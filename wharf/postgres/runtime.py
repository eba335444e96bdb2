"""The short folder that holds the server's socket.

A socket's path may be 107 bytes (103 on macOS), so it cannot lie in the data folder. Its
name is random and written down in the data folder: nobody else can take the name first,
and processes with different environments find the same server.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from wharf.postgres.account import Account
from wharf.postgres.cluster import Cluster
from wharf.postgres.errors import FolderUnusable

SOCKET_PATH_BYTES_MAX = 103
SOCKET_NAME = ".s.PGSQL.5432.lock"


def recorded_runtime(cluster: Cluster, account: Account) -> Path | None:
    """The folder that the last start used, if it is still there and safe to use."""
    try:
        recorded = Path(cluster.runtime_record.read_text().strip())
        found = recorded.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid
    return recorded if mine and stat.S_IMODE(found.st_mode) == 0o700 else None


def make_runtime(cluster: Cluster, account: Account) -> Path:
    """A new folder that only `account` (and root) can enter, recorded for the others."""
    made = Path(tempfile.mkdtemp(prefix="wharf-", dir=_short_place(account)))
    if account.switch:
        os.chown(made, account.uid, account.gid)
    partial = cluster.runtime_record.with_suffix(".partial")
    partial.write_text(f"{made}\n")
    partial.replace(cluster.runtime_record)
    return made


def _short_place(account: Account) -> Path:
    """$XDG_RUNTIME_DIR, else /tmp; not TMPDIR, which is long on macOS."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    candidates = [Path(given)] if given and not account.switch else []
    candidates.append(Path("/tmp"))  # noqa: S108 (mkdtemp makes the name, with mode 0700)
    for place in candidates:
        socket_path = place / "wharf-12345678" / SOCKET_NAME
        if len(os.fsencode(socket_path)) <= SOCKET_PATH_BYTES_MAX and os.access(place, os.W_OK):
            return place
    raise FolderUnusable("no folder for the server's socket: neither $XDG_RUNTIME_DIR nor /tmp")
