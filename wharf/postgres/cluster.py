"""The files of one embedded PostgreSQL, and the options it is made and run with."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wharf.postgres.account import Account
from wharf.postgres.binaries import Binaries
from wharf.postgres.errors import ClusterVersionMismatch, FolderUnusable

SUPERUSER = "wharf"
DATABASE = "wharf"
# Given by name, since PGPORT in the environment would change the name of the socket.
PORT = 5432

SERVER_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "60",
    "log_destination": "stderr",
    "logging_collector": "off",
    # A container has 64 MB of /dev/shm, which a parallel query can fill.
    "dynamic_shared_memory_type": "mmap",
    "max_parallel_workers_per_gather": "0",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # No statement and no detail in the log: they quote what customers wrote.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


@dataclass(frozen=True)
class Cluster:
    """What lies where in the folder that the embedded PostgreSQL owns."""

    folder: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What initdb and the server print; the shim moves it to `server.log.1` when it is long."""
        return self.folder / "server.log"

    @property
    def runtime_record(self) -> Path:
        """Names the folder of the socket, so that every user of the server finds the same one."""
        return self.folder / "runtime"

    def check(self, binaries: Binaries, account: Account) -> None:
        """Raise unless there is no data yet, or these binaries and this user can serve it.

        ClusterVersionMismatch for another major version; FolderUnusable for another owner.
        """
        try:
            written_by = (self.data / "PG_VERSION").read_text().strip()
            owner = self.data.stat().st_uid
        except FileNotFoundError:
            return
        if written_by != str(binaries.major):
            raise ClusterVersionMismatch(self.data, written_by, binaries.version)
        if owner != account.uid:
            raise FolderUnusable(
                f"{self.data} belongs to user {owner}, and PostgreSQL would run as user "
                f"{account.uid}: start Wharf as the user who made it"
            )

    def log_tail(self, start: int, lines: int = 20) -> str:
        """The last `lines` of the log that were written from byte `start` on."""
        try:
            with self.log.open("rb") as log:
                size = log.seek(0, os.SEEK_END)
                # A log that is shorter now was rotated: all of it is new.
                log.seek(max(start if start <= size else 0, size - 16_384))
                text = log.read().decode(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])


def initdb_arguments(binaries: Binaries) -> list[str]:
    """The command that makes a cluster, but for `-D`.

    The builtin locale does not move with the operating system's libraries, so an upgrade
    of those never leaves an index in the wrong order. Versions before 17 lack it.
    Whoever can open the socket is let in: its folder is closed to others.
    """
    if binaries.major >= 17:
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    elif sys.platform == "linux":
        locale = ["--locale=C", "--lc-ctype=C.UTF-8"]
    else:
        locale = ["--locale=C"]
    return [
        str(binaries.folder / "initdb"),
        "--encoding=UTF8",
        *locale,
        "--data-checksums",
        f"--username={SUPERUSER}",
        "--auth=trust",
    ]


def server_arguments(binaries: Binaries, runtime: Path, settings: Mapping[str, str]) -> list[str]:
    """The command that runs the server, but for `-D`; `settings` win over ours."""
    chosen = {**SERVER_SETTINGS, "unix_socket_directories": f'"{runtime}"'}
    if sys.platform == "linux":
        # One call instead of opening every file before crash recovery.
        chosen["recovery_init_sync_method"] = "syncfs"
    chosen |= settings
    options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    return [str(binaries.folder / "postgres"), *options]


def conninfo(runtime: Path, database: str = DATABASE) -> str:
    """How to reach the server, as a libpq connection string."""
    quoted = str(runtime).replace("\\", r"\\").replace("'", r"\'")
    return f"host='{quoted}' port={PORT} user={SUPERUSER} dbname={database}"
