"""Backup: what can't be derived again, the log and `ops`, in one file of pg_dump's."""

import subprocess
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

import psycopg

from events.database import connect, to_primary
from events.read import head_of
from wharf.postgres.clients import find_clients, reached_by
from wharf.seal import seal
from wharf.whole_file import whole_file


class BackupFailed(Exception):
    """There is no backup; says why. A file that was there before is as it was."""


class Backup(NamedTuple):
    """What was written: its size, and a position that it reaches or is beyond."""

    bytes: int
    position: int


def backup(url: str, output: Path) -> Backup:
    """Write the log and `ops` as they are at one instant, while traffic goes on.

    Raises BackupFailed, and ClientsMissing where no pg_dump fits the server.
    """
    clients = find_clients(server_major(url))
    with connect(url, "wharf_write") as conn:
        position = head_of(conn)
    info, environment = reached_by(url)
    with whole_file(output) as file, TemporaryFile() as said:
        done = subprocess.run(
            [
                str(clients.folder / "pg_dump"),
                "--format=custom",
                "--no-password",
                "--role=wharf_owner",
                "--schema=log",
                "--schema=ops",
                f"--dbname={info}",
            ],
            env=environment,
            stdout=file,
            stderr=said,
            check=False,
        )
        if done.returncode != 0:
            said.seek(0)
            told = said.read().decode(errors="replace").strip()
            raise BackupFailed(f"pg_dump {clients.version} ended with {done.returncode}: {told}")
        seal(file)
        size = file.tell()
    return Backup(size, position)


def server_major(url: str) -> int:
    """18 for a server of version 18.6."""
    with psycopg.connect(to_primary(url)) as conn:
        return conn.info.server_version // 10_000
