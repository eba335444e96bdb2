"""What can go wrong with the embedded PostgreSQL, each as an error of its own.

EmbeddedPostgresError
├── UnsupportedPlatform
├── BinariesMissing
├── ClientsMissing
├── FolderUnusable
├── ClusterVersionMismatch
└── StartFailed
"""

from __future__ import annotations

from pathlib import Path


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot be used."""


class UnsupportedPlatform(EmbeddedPostgresError):
    """This operating system has no flock, on which the supervisor rests."""

    def __init__(self) -> None:
        super().__init__(
            "the embedded PostgreSQL runs on Linux and macOS; "
            "on Windows set DATABASE_URL to a PostgreSQL server of your own"
        )


class BinariesMissing(EmbeddedPostgresError):
    """There is no PostgreSQL on this machine that we could start."""


class ClientsMissing(EmbeddedPostgresError):
    """There are no pg_dump, pg_restore and psql on this machine that fit the server."""


class FolderUnusable(EmbeddedPostgresError):
    """The folder cannot be used by the user who would have to."""


class ClusterVersionMismatch(EmbeddedPostgresError):
    """The data was written by another major version of PostgreSQL."""

    def __init__(self, data: Path, written_by: str, binaries: str) -> None:
        super().__init__(
            f"{data} was written by PostgreSQL {written_by}, the binaries here are "
            f"PostgreSQL {binaries}, and nothing was touched. The way over is a backup:\n"
            f"    wharf backup wharf.dump      # by the release of Wharf that wrote it\n"
            f"    mv {data.parent} {data.parent}-{written_by}\n"
            f"    wharf restore wharf.dump     # by this one\n"
            f"or set DATABASE_URL to a server of your own (docs/running.md)"
        )
        self.data, self.written_by, self.binaries = data, written_by, binaries


class StartFailed(EmbeddedPostgresError):
    """The server did not come up; the message ends with the tail of its log."""

    def __init__(self, reason: str, log: Path, tail: str) -> None:
        indented = "".join(f"\n    {line}" for line in tail.splitlines()) or "\n    (empty)"
        super().__init__(f"PostgreSQL did not start: {reason}. The end of {log}:{indented}")
        self.reason, self.log, self.tail = reason, log, tail
