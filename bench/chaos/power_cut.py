"""The power of the database's machine is cut under load, again and again; root alone can try it.

    sudo .venv/bin/python -m bench.chaos.power_cut [--cuts 20]

The control has `fsync = off`: one cut must lose what was acknowledged, or the whole cluster.
"""

import argparse
import os
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random

import psycopg

from bench.chaos.account import Account, account, lost
from bench.chaos.controls import more_is_acknowledged
from bench.chaos.disk import disk
from bench.chaos.load import Load
from bench.chaos.processes import eventually
from bench.chaos.run import HOST, PORTS, Installation

UP_S = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=20)
    options = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("only root can mount the disk whose power is cut here")
    print(f"control, fsync = off: {control()}", flush=True)
    found, damaged = cut_often(options.cuts)
    print(f"{options.cuts} cuts: {found}; {damaged} tables or indexes damaged")
    if not found.faultless or damaged:
        raise SystemExit("that is not nothing")


def control() -> str:
    """What one cut costs a server that never waits for its disk."""
    with tempfile.TemporaryDirectory(prefix="wharf-chaos-") as name, ExitStack() as stack:
        drive = stack.enter_context(disk(Path(name)))
        installation = Installation(Path(name), stack, settings={"fsync": "off"})
        drive.flush()
        load = Load(0, HOST, PORTS, repeats=False)
        load.start()
        more_is_acknowledged(load)
        acknowledged = len(load.acknowledged)
        drive.cut_power()
        load.abandon()
        if not comes_up(installation.url):
            return f"the cluster is gone, and {acknowledged} acknowledged with it"
        missing = lost(installation.url, load)
        if not missing:
            raise SystemExit("the control lost nothing: this bench proves nothing")
        return f"{missing} of {len(load.acknowledged)} lost"


def comes_up(url: str) -> bool:
    deadline = time.monotonic() + UP_S
    while time.monotonic() < deadline:
        with suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=2) as conn:
            conn.execute("select from log.deliveries limit 1")
            return True
        time.sleep(0.2)
    return False


def cut_often(cuts: int) -> tuple[Account, int]:
    """Everything is acknowledged in the end; the account of it, and what pg_amcheck would say."""
    random = Random(1)
    with tempfile.TemporaryDirectory(prefix="wharf-chaos-") as name, ExitStack() as stack:
        drive = stack.enter_context(disk(Path(name)))
        installation = Installation(Path(name), stack)
        load = Load(1, HOST, PORTS, repeats=False)
        load.start()
        for number in range(1, cuts + 1):
            more_is_acknowledged(load)
            time.sleep(random.uniform(0, 1.5))
            drive.cut_power()
            print(f"cut {number}: the next 200 {next_after(load):.1f} s after the power was back")
        load.end()
        eventually(installation.caught_up, "views that have caught up")
        return account(installation.url, load, 0), damaged(installation.url)


def next_after(load: Load) -> float:
    """Seconds from now to the next acknowledgement."""
    began, seen = time.monotonic(), len(load.acknowledged)
    eventually(lambda: len(load.acknowledged) > seen, "an acknowledgement")
    return time.monotonic() - began


def damaged(url: str) -> int:
    """How many tables and indexes of the log and of the views are not what they should be."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("create extension if not exists amcheck")
        found = conn.execute(
            "select c.oid, c.relkind = 'i' from pg_class c left join pg_am a on a.oid = c.relam"
            "  join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname !~ '^(pg_|information_schema)' and c.relpersistence = 'p'"
            "   and (c.relkind = 'r' or a.amname = 'btree')"
        ).fetchall()
        wrong = 0
        for oid, is_index in found:
            try:
                check = (
                    "select bt_index_parent_check(%s, true)"
                    if is_index
                    else "select from verify_heapam(%s)"
                )
                rows = conn.execute(check, (oid,)).fetchall()
            except psycopg.errors.DataError:
                wrong += 1
            else:
                wrong += bool(rows) and not is_index
        return wrong


if __name__ == "__main__":
    main()
