"""Stands between the users of the server and the server, in a process of its own.

It is run by path, imports the standard library only, and is given its orders as JSON:

    postgres, initdb   commands, without -D
    folder, runtime    hold users.lock, server.log and data; and the socket
    uid, gid           who runs PostgreSQL, or null for whoever we are
    by_descriptor      that user cannot reach the data's path: hand the folder over open

It inherits shim.lock, held, and keeps it while it lives: at most one shim, and while there
is one, a server is coming, there or going. PostgreSQL is its child: a dead one is reaped (a
zombie looks alive to PostgreSQL) and a living one is stopped by the kernel should the shim
be killed. It has a session of its own: Ctrl-C never stops the database before the app.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TICK_S = 0.1
REMAINS_LEAVE_S = 15.0  # how long what is left of a killed server may take to be gone
UNWELL_S = 3.0
LOG_BYTES_MAX = 10_000_000
LOG_FD = 2
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_shim_pid = os.getpid()


class Server:
    """PostgreSQL as our child."""

    def __init__(self, orders: dict[str, Any]) -> None:
        self.orders = orders
        self.folder = Path(orders["folder"])
        self.data = self.folder / "data"

    def run(self, command: list[str], data: Path) -> subprocess.Popen[bytes]:
        """Start a PostgreSQL program on a data folder, as the server's user."""
        opened = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
        by_descriptor = self.orders["by_descriptor"]
        try:
            return subprocess.Popen(
                [*command, "-D", f"/proc/self/fd/{opened}" if by_descriptor else str(data)],
                stdin=subprocess.DEVNULL,
                cwd="/",
                user=self.orders["uid"],
                group=self.orders["gid"],
                extra_groups=None if self.orders["uid"] is None else [],
                pass_fds=[opened] if by_descriptor else [],
                preexec_fn=die_with_the_shim,
            )
        finally:
            os.close(opened)

    def initdb_if_new(self) -> int:
        """Make the cluster beside its place and move it there whole; the exit status."""
        if self.data.exists():
            return 0
        for left_over in self.folder.glob("data.partial-*"):
            shutil.rmtree(left_over, ignore_errors=True)
        partial = self.folder / f"data.partial-{_shim_pid}"
        partial.mkdir(mode=0o700)
        if self.orders["uid"] is not None:
            os.chown(partial, self.orders["uid"], self.orders["gid"])
        status = self.run(self.orders["initdb"], partial).wait()
        if status == 0:
            partial.rename(self.data)
            folder = os.open(self.folder, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
        return status

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server, after what is left of another one.

        A pid file left over may name any process by now and keep PostgreSQL from starting,
        so it goes, unless it names a server that is still leaving. If that is judged wrongly
        PostgreSQL refuses all the same: whoever else has this data holds its shared memory.
        """
        pid_file = self.data / "postmaster.pid"
        deadline = time.monotonic() + REMAINS_LEAVE_S
        while names_a_server_of(pid_file, self.data) and time.monotonic() < deadline:
            time.sleep(TICK_S)
        pid_file.unlink(missing_ok=True)
        for left_over in Path(self.orders["runtime"]).glob(".s.PGSQL.*"):
            left_over.unlink()
        return self.run(self.orders["postgres"], self.data)

    def keep_log_short(self) -> None:
        """Keep one older log. Copied and cut, since the server holds the file open."""
        log = self.folder / "server.log"
        if os.fstat(LOG_FD).st_size > LOG_BYTES_MAX and log.exists():
            shutil.copyfile(log, log.with_name("server.log.1"))
            os.ftruncate(LOG_FD, 0)

    def ready(self) -> bool:
        """Whether it has come so far as to let clients in; it writes so itself."""
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def refused_for_remains(self, log_start: int) -> bool:
        """Whether the last start failed because processes of a dead server still live."""
        log = (self.folder / "server.log").read_bytes()
        return b"pre-existing shared memory block" in log[log_start:]


def names_a_server_of(pid_file: Path, data: Path) -> bool:
    """Whether the process named is, as far as we may look, a live server of this data."""
    try:
        pid = int(pid_file.read_text().split("\n")[0])
        status = Path(f"/proc/{pid}/stat").read_text()
        name, state = status[status.index("(") + 1 :].rsplit(") ", 1)
        if name != "postgres" or state[0] in "ZX":
            return False
        return Path(f"/proc/{pid}/cwd").samefile(data)
    except PermissionError:
        return True  # root of a container may not see where others' processes are
    except (OSError, ValueError):
        return False


def die_with_the_shim() -> None:
    """In the child, whose user was changed before (it clears this) and may import nothing."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != _shim_pid:
            os._exit(1)


def supervise(server: Server, users: int) -> int:
    """Keep the server running until nobody uses it; the exit status.

    A killed server is started again; one that ended by itself was told to, or cannot run. If it
    could before, what keeps it from running may pass, as a full disk does: it is tried again.
    """
    has_served = False
    killed, refused_until = 0, time.monotonic() + REMAINS_LEAVE_S
    while True:
        log_start, started = os.fstat(LOG_FD).st_size, time.monotonic()
        postgres = server.start()
        while postgres.poll() is None:
            if unused(users):
                return stop(postgres)
            server.keep_log_short()
            has_served = has_served or server.ready()
            time.sleep(TICK_S)

        # One that was killed has left its file behind.
        has_served = has_served or server.ready()
        now = time.monotonic()
        if postgres.returncode < 0:
            killed = 1 if now - started > 60 else killed + 1
            refused_until = now + REMAINS_LEAVE_S
            delay_s = min(5.0, TICK_S * 2**killed)
        elif now < refused_until and server.refused_for_remains(log_start):
            delay_s = TICK_S
        elif has_served and postgres.returncode > 0:
            delay_s = UNWELL_S
        else:
            return postgres.returncode or 1
        if unused(users):
            return 0
        time.sleep(delay_s)


def unused(users: int) -> bool:
    """Whether no process has users.lock; from then on we have it, and none can come."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def stop(postgres: subprocess.Popen[bytes]) -> int:
    """Fast stop: clients are cut off, and what was committed is written to its place."""
    postgres.send_signal(signal.SIGINT)
    try:
        return postgres.wait(timeout=60)
    except subprocess.TimeoutExpired:
        postgres.send_signal(signal.SIGQUIT)
        return postgres.wait()


def main() -> int:
    """Obey the orders in the first argument."""
    # Handlers, not SIG_IGN: children would inherit that.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    os.umask(0o077)
    orders = json.loads(sys.argv[1])
    server = Server(orders)
    users = os.open(server.folder / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        return server.initdb_if_new() or supervise(server, users)
    finally:
        shutil.rmtree(orders["runtime"], ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
