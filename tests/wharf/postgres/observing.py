"""What a test can see of a server from outside."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from wharf.postgres.locks import FileLock

# Only against hanging for ever; nothing is expected to take this long.
GUARD_S = 120.0


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until it is so."""
    guard = time.monotonic() + GUARD_S
    while not condition():
        assert time.monotonic() < guard, f"not within {GUARD_S:.0f} s"
        time.sleep(0.02)


def answers(conninfo: str) -> bool:
    try:
        psycopg.connect(conninfo, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def wait_until_down(folder: Path) -> None:
    """Until the server and its shim are gone: the shim held the lock as long as it lived."""
    lock = FileLock(folder / "shim.lock")
    assert lock.exclusive_by(time.monotonic() + GUARD_S)
    lock.release()


def postmaster_pid(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split("\n")[0])


def shim_pid(folder: Path) -> int:
    status = Path(f"/proc/{postmaster_pid(folder)}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:")))


def server_log(folder: Path) -> str:
    return (folder / "server.log").read_text()


def started_at(conninfo: str) -> str:
    """Tells one run of a server from another."""
    with psycopg.connect(conninfo) as database:
        row = database.execute("select pg_postmaster_start_time()::text").fetchone()
    assert row is not None
    return str(row[0])
