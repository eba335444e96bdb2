"""The user who runs the server: ourselves, or an unprivileged one when we are root.

PostgreSQL refuses to run as root. We take a user that exists and open no folders to it:
what it cannot reach is brought to it (binaries) or handed to it as an open file (data).
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from wharf.postgres.errors import FolderUnusable

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """Who runs the server; `switch` says that we are root and have to become that user."""

    uid: int
    gid: int
    switch: bool

    def can_enter(self, folder: Path) -> bool:
        """Whether every folder from the root to `folder` lets this user through.

        Goes by the mode bits. Access lists can only make the answer wrong towards "no".
        """
        real = folder.resolve()
        return all(self._may_pass(step.stat()) for step in (real, *real.parents))

    def _may_pass(self, found: os.stat_result) -> bool:
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)


def server_account() -> Account:
    """Ourselves, or as root the user `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)

    import pwd

    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid, switch=True)
    raise FolderUnusable(
        "PostgreSQL does not run as root, and there is no user postgres or nobody to run it: "
        "start Wharf as an ordinary user, or set DATABASE_URL"
    )
