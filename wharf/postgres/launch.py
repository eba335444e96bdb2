"""Starting the shim, which starts the server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from wharf.postgres.account import Account
from wharf.postgres.binaries import bring_within_reach, find_pg_bin
from wharf.postgres.cluster import Cluster, initdb_arguments, server_arguments
from wharf.postgres.locks import FileLock
from wharf.postgres.runtime import make_runtime, recorded_runtime

SHIM = Path(__file__).with_name("shim.py")


def launch(
    cluster: Cluster, account: Account, settings: Mapping[str, str], shim_lock: FileLock
) -> subprocess.Popen[bytes]:
    """Start a shim, which takes over `shim_lock`; the lock is free again when this fails.

    Handing the lock over by inheritance leaves no moment in which neither of us has it.
    """
    try:
        orders = _orders(cluster, account, settings)
        # For nobody else to read: a log may quote what a customer wrote.
        with open(cluster.log, "ab", opener=_private) as log:
            shim = subprocess.Popen(
                # No site-packages, nothing from the environment: it must start anywhere.
                [sys.executable, "-I", "-S", str(SHIM), json.dumps(orders)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_quiet_environment(),
                pass_fds=[shim_lock.fileno()],
                start_new_session=True,
            )
    except BaseException:
        shim_lock.release()
        raise
    shim_lock.leave()
    # Reaps it when it ends before us.
    threading.Thread(target=shim.wait, name="postgres-shim", daemon=True).start()
    return shim


def _orders(cluster: Cluster, account: Account, settings: Mapping[str, str]) -> dict[str, object]:
    binaries = find_pg_bin()
    cluster.check(binaries, account)
    by_descriptor = account.switch and not account.can_enter(cluster.folder)
    runtime = recorded_runtime(cluster, account) or make_runtime(cluster, account)
    place = runtime if by_descriptor else cluster.folder
    binaries = bring_within_reach(binaries, account, place)
    return {
        "postgres": server_arguments(binaries, runtime, settings),
        "initdb": initdb_arguments(binaries),
        "folder": str(cluster.folder),
        "runtime": str(runtime),
        "uid": account.uid if account.switch else None,
        "gid": account.gid if account.switch else None,
        "by_descriptor": by_descriptor,
    }


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _quiet_environment() -> dict[str, str]:
    """Ours without what would change the server's mind (PGPORT, PGDATA, LC_ALL, …)."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "LC_", "PYTHON")) and name != "LANG"
    }
