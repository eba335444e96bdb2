"""The database's disk reports errors when it is told to flush; root alone can try it.

    sudo .venv/bin/python -m bench.chaos.disk_error [--seconds 30]

`strace` answers every so manieth fdatasync of each of the server's processes with EIO. PostgreSQL
must not go on as if nothing had been: it ends all its processes and recovers from its log.
"""

import argparse
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench.chaos.account import account
from bench.chaos.controls import more_is_acknowledged
from bench.chaos.load import Load
from bench.chaos.processes import eventually
from bench.chaos.run import HOST, PORTS, Installation
from bench.kills import children

FAILS = 10
ATTACHED = "attached"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    if shutil.which("strace") is None:
        raise SystemExit("strace reports the errors here: apt install strace")
    with tempfile.TemporaryDirectory(prefix="wharf-chaos-") as name, ExitStack() as stack:
        folder = Path(name)
        installation = Installation(folder, stack)
        postgres = folder / "data" / "postgres"
        load = Load(1, HOST, PORTS, repeats=False)
        load.start()
        more_is_acknowledged(load)
        report_errors(folder, postgres, options.seconds)
        more_is_acknowledged(load)
        load.end()
        eventually(installation.caught_up, "views that have caught up")
        found = account(installation.url, load, 0)
        panics = (postgres / "server.log").read_text().count("PANIC:  could not fdatasync")
    print(f"{panics} times PostgreSQL ended itself; {load.answers[503]} x 503")
    print(found)
    if not found.faultless or not panics:
        raise SystemExit("that is not nothing" if panics else "no error was reported")


def report_errors(folder: Path, postgres: Path, seconds: float) -> None:
    """From the tenth flush of each process on, those to come and those there are."""
    server = int((postgres / "data" / "postmaster.pid").read_text().split("\n")[0])
    command = ["strace", "-f", "-o", str(folder / "strace"), "-e", "trace=fdatasync"]
    command += ["-e", f"inject=fdatasync:error=EIO:when={FAILS}+"]
    for pid in (server, *children(server)):
        command += ["-p", str(pid)]
    with (folder / "strace.log").open("wb") as log:
        tracer = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        eventually(lambda: ATTACHED in (folder / "strace.log").read_text(), "strace")
        time.sleep(seconds)
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait()


if __name__ == "__main__":
    main()
