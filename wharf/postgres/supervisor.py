"""An embedded PostgreSQL that runs exactly as long as some process uses it.

Three locks in the folder, all dropped by the kernel when their holder dies:

    start.lock   exclusive, by who is joining or leaving: one at a time
    users.lock   shared, by every user of the server; the shim stops the server when it
                 gets it exclusively, which is when the last user has gone, however it went
    shim.lock    exclusive, by the shim that has the server as its child

Whether the server lives is asked by connecting, never by a pid.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import psycopg
from psycopg import sql

from wharf.postgres.account import Account, server_account
from wharf.postgres.cluster import DATABASE, Cluster, conninfo
from wharf.postgres.errors import FolderUnusable, StartFailed, UnsupportedPlatform
from wharf.postgres.launch import launch
from wharf.postgres.locks import FileLock
from wharf.postgres.runtime import recorded_runtime

# Crash recovery of `max_wal_size` on a slow disk takes a minute; more means trouble.
START_S = 120.0
# Somebody else may be starting or leaving: one start, and the clean stop before it.
JOIN_S = 2 * START_S
STOP_S = 90.0
CONNECT_S = 3
POLL_S = 0.05
# There, a server without a shim has been told to stop by the kernel and is not to be
# joined any more. Elsewhere it is joined, and goes on after its last user.
DIES_WITH_ITS_SHIM = sys.platform == "linux"


class EmbeddedPostgres:
    """A share in the PostgreSQL server of `folder`, which must be on a local disk.

    Every process that wants the server to stay makes one and starts it. A forked child
    does not inherit the share. `settings` are server settings and count for whoever
    starts the server; a server that runs already is taken as it is.
    """

    def __init__(
        self,
        folder: Path,
        *,
        settings: Mapping[str, str] = {},
        start_s: float = START_S,
    ) -> None:
        self._cluster = Cluster(folder.absolute())
        self._settings = settings
        self._start_s = start_s
        self._users = FileLock(self._cluster.folder / "users.lock")
        self._start = FileLock(self._cluster.folder / "start.lock")
        self._shim = FileLock(self._cluster.folder / "shim.lock")

    def start(self) -> str:
        """Join the server, starting it if need be; the conninfo of database `wharf`.

        Blocks until it answers. Raises EmbeddedPostgresError: see wharf/postgres/errors.py.
        """
        if sys.platform == "win32":
            raise UnsupportedPlatform
        account = server_account()
        self._make_folder(account)
        try:
            joining_by = time.monotonic() + JOIN_S
            self._take_turn(self._start.exclusive_by(joining_by), "joining or leaving")
            # Waits out a shim that is stopping the server: it holds the lock until the end.
            stopped_by = time.monotonic() + STOP_S
            self._take_turn(self._users.shared_by(stopped_by), "stopping the server")
            return self._reach(account)
        except BaseException:
            self._users.release()
            raise
        finally:
            self._start.release()

    def close(self) -> None:
        """Use the server no more. The last user waits until it is down, at most 90 s."""
        if not self._users.held:
            return  # never started, or we are a forked child: the share is the parent's
        deadline = time.monotonic() + STOP_S
        try:
            if not self._start.exclusive_by(deadline):
                return
            # Nobody can join now. Alone we leave the server to the shim; when we are not
            # alone it is either shared, or already the shim's.
            stopping = self._users.try_exclusive() or not self._users.try_shared()
            self._users.release()
            if stopping:
                self._shim.exclusive_by(deadline)
                self._shim.release()
        finally:
            self._users.release()
            self._start.release()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _make_folder(self, account: Account) -> None:
        folder = self._cluster.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if account.switch:
                # To pass through, not to look around: the data within is the server's.
                folder.chmod(0o711)
            else:
                folder.chmod(0o700)
        except OSError as error:
            raise FolderUnusable(f"{folder} cannot be the database's folder: {error}") from error

    def _take_turn(self, got: bool, doing: str) -> None:
        if not got:
            log = self._cluster.log
            raise StartFailed(f"somebody else is still {doing}", log, self._cluster.log_tail(0))

    def _reach(self, account: Account) -> str:
        """Connect, or start a shim and connect; with start.lock and users.lock held."""
        deadline = time.monotonic() + self._start_s
        log_start = self._log_bytes()
        shim: subprocess.Popen[bytes] | None = None
        while True:
            runtime = recorded_runtime(self._cluster, account)
            answers = runtime is not None and self._answers(runtime)
            unsupervised = shim is None and self._shim.try_exclusive()
            if unsupervised and not answers:
                shim = launch(self._cluster, account, self._settings, self._shim)
            elif unsupervised:
                self._shim.release()
            if runtime is not None and answers and not (unsupervised and DIES_WITH_ITS_SHIM):
                return conninfo(runtime)
            if shim is not None and shim.poll() is not None:
                raise self._failed(f"it ended with status {shim.returncode}", log_start)
            if time.monotonic() > deadline:
                raise self._failed(f"no answer within {self._start_s:.0f} s", log_start)
            time.sleep(POLL_S)

    def _failed(self, reason: str, log_start: int) -> StartFailed:
        return StartFailed(reason, self._cluster.log, self._cluster.log_tail(log_start))

    def _log_bytes(self) -> int:
        try:
            return self._cluster.log.stat().st_size
        except FileNotFoundError:
            return 0

    def _answers(self, runtime: Path) -> bool:
        """Whether the server lets us in; makes our database if it is not there yet."""
        try:
            maintenance = conninfo(runtime, "postgres")
            with psycopg.connect(maintenance, autocommit=True, connect_timeout=CONNECT_S) as server:
                found = server.execute(
                    "select from pg_database where datname = %s", [DATABASE]
                ).fetchone()
                if found is None:
                    server.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
        except psycopg.OperationalError:
            return False
        return True
