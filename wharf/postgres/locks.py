"""A lock on a file that the kernel drops when its holder dies, however it dies.

flock belongs to an open file, not to a process, so a forked child shares the lock of its
parent and would keep it after the parent's death. Here a child that only forks loses its
copies at once (it uses the server through its parent, or starts its own
`EmbeddedPostgres`), and a child that execs loses them by close-on-exec. Only C code that
forks behind Python's back without exec would keep a copy; `release` therefore unlocks for
all copies, and does not rely on being the last one to close.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

if sys.platform != "win32":
    import fcntl

POLL_S = 0.02

_open_locks: set[FileLock] = set()
# Held across every fork, so that no lock is taken between the fork and its clean-up.
_forking = threading.RLock()


class FileLock:
    """A shared or exclusive lock on `path`, which must be on a local disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def try_shared(self) -> bool:
        """Take the lock beside other sharers, or turn it into a shared one.

        False when somebody holds it exclusively; a lock held before is then lost.
        """
        return self._try(fcntl.LOCK_SH)

    def try_exclusive(self) -> bool:
        """Take the lock alone; False when anybody else has it, as with `try_shared`."""
        return self._try(fcntl.LOCK_EX)

    def shared_by(self, deadline: float) -> bool:
        """`try_shared` until it succeeds or `time.monotonic()` passes `deadline`."""
        while not self.try_shared():
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)
        return True

    def exclusive_by(self, deadline: float) -> bool:
        """`try_exclusive` until it succeeds or `time.monotonic()` passes `deadline`."""
        while not self.try_exclusive():
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)
        return True

    @property
    def held(self) -> bool:
        """Whether we have the lock, shared or alone."""
        return self._fd is not None

    def fileno(self) -> int:
        """The open file, for handing the lock to a child by inheritance."""
        if self._fd is None:
            raise ValueError(f"{self.path} is not locked")
        return self._fd

    def release(self) -> None:
        """Unlock, also for copies of the open file elsewhere."""
        with _forking:
            if self._fd is not None:
                fcntl.flock(self._fd, fcntl.LOCK_UN)
                self._forget()

    def leave(self) -> None:
        """Close our copy of the open file; whoever inherited it keeps the lock."""
        with _forking:
            if self._fd is not None:
                self._forget()

    def _try(self, kind: int) -> bool:
        with _forking:
            if self._fd is None:
                self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                _open_locks.add(self)
            try:
                fcntl.flock(self._fd, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                self._forget()
                return False
            return True

    def _forget(self) -> None:
        _open_locks.discard(self)
        fd, self._fd = self._fd, None
        if fd is not None:
            os.close(fd)


def _drop_copies_in_the_child() -> None:
    for lock in list(_open_locks):
        lock._forget()  # closes only: unlocking here would unlock the parent
    _forking.release()


if sys.platform != "win32":
    os.register_at_fork(
        before=_forking.acquire,
        after_in_parent=_forking.release,
        after_in_child=_drop_copies_in_the_child,
    )
