"""Two PostgreSQL servers on this machine: a primary, and a hot standby that follows it."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tests.system.service import eventually, rows
from tests.wharf.postgres.observing import postmaster_pid, shim_pid
from wharf.postgres.account import server_account
from wharf.postgres.binaries import find_pg_bin
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import apply_schema

SYNCHRONOUS = "select count(*) from pg_stat_replication where sync_state = 'sync'"


class Pair:
    """Conninfos of both; `url` names them together, as DATABASE_URL may."""

    def __init__(self, folder: Path, primary: str, standby: str) -> None:
        self._folder = folder
        self.primary, self.standby = primary, standby
        hosts = ",".join(str(conninfo_to_dict(url)["host"]) for url in (primary, standby))
        user, name = (conninfo_to_dict(primary)[key] for key in ("user", "dbname"))
        self.url = f"postgresql://{user}@/{name}?host={hosts}"
        self.reading_standby = f"{self.url}&target_session_attrs=prefer-standby"

    def replicate_synchronously(self) -> None:
        """Return when commits wait for the standby."""
        with psycopg.connect(self.primary, autocommit=True) as conn:
            conn.execute("alter system set synchronous_standby_names = '*'")
            conn.execute("select pg_reload_conf()")
        eventually(lambda: rows(self.primary, SYNCHRONOUS) == [(1,)], "a synchronous standby")

    def kill_primary(self) -> None:
        """For good: what would start it again is killed first."""
        server, shim = postmaster_pid(self._folder), shim_pid(self._folder)
        for pid in (shim, server):
            # Without its shim the server ends by itself, and may be quicker than we are.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def promote(self) -> None:
        rows(self.standby, "select pg_promote(true)")


@contextmanager
def pair(folder: Path) -> Iterator[Pair]:
    """The standby follows asynchronously until it is told otherwise."""
    folder.chmod(0o711)
    main, other = folder / "primary", folder / "standby"
    with EmbeddedPostgres(main) as primary:
        apply_schema(primary)
        copy(primary, other / "data")
        with EmbeddedPostgres(other) as standby:
            assert [(True,)] == rows(standby, "select pg_is_in_recovery()")
            yield Pair(main, primary, standby)


def copy(primary: str, data: Path) -> None:
    """A base backup that, started, follows the primary."""
    data.parent.mkdir(mode=0o711)
    tool = find_pg_bin().folder / "pg_basebackup"
    subprocess.run(
        [tool, "--dbname", primary, "--pgdata", data, "--write-recovery-conf", "--checkpoint=fast"],
        check=True,
        capture_output=True,
    )
    account = server_account()
    if account.switch:
        for path in (data, *data.rglob("*")):
            shutil.chown(path, account.uid, account.gid)
