"""The database's disk fills up under load, and is given room again; root alone can try it.

sudo .venv/bin/python -m bench.chaos.disk_full
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from bench.chaos.account import account
from bench.chaos.controls import more_is_acknowledged
from bench.chaos.load import Load
from bench.chaos.processes import eventually
from bench.chaos.run import HOST, PORTS, Installation

DISK_MB = 400
FULL_S = 12.0
SMALL = {"max_wal_size": "64MB", "min_wal_size": "32MB"}
BLOCK = bytes(1024 * 1024)


def main() -> None:
    if os.geteuid() != 0:
        raise SystemExit("only root can mount the small disk that is filled here")
    with tempfile.TemporaryDirectory(prefix="wharf-chaos-") as name, ExitStack() as stack:
        disk = Path(name) / "data" / "postgres"
        disk.mkdir(parents=True)
        stack.enter_context(mounted(disk))
        installation = Installation(Path(name), stack, settings=SMALL)
        load = Load(1, HOST, PORTS, repeats=False)
        load.start()
        more_is_acknowledged(load)
        before = load.answers.copy()
        fill(disk / "filler")
        eventually(lambda: load.answers[503] > before[503] + 20, "refusals")
        acknowledged = len(load.acknowledged)
        time.sleep(FULL_S)
        meanwhile = len(load.acknowledged) - acknowledged
        (disk / "filler").unlink()
        freed = time.monotonic()
        eventually(lambda: len(load.acknowledged) > acknowledged + meanwhile, "room")
        back_s = time.monotonic() - freed
        more_is_acknowledged(load)
        load.end()
        eventually(installation.caught_up, "views that have caught up")
        found = account(installation.url, load, 0)
    print(f"full for {FULL_S:.0f} s: {load.answers[503]} x 503, {meanwhile} acknowledged meanwhile")
    print(f"{back_s:.1f} s after there was room again: the next 200")
    print(found)
    if not found.faultless:
        raise SystemExit("that is not nothing")


@contextmanager
def mounted(disk: Path) -> Iterator[None]:
    size = f"size={DISK_MB}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def fill(path: Path) -> None:
    """To the last byte."""
    with path.open("wb", buffering=0) as file:
        for block in (BLOCK, b"0"):
            with suppress(OSError):
                while file.write(block) == len(block):
                    pass


if __name__ == "__main__":
    main()
