"""A process that uses the embedded PostgreSQL, as a script and as seen from a test.

    python -m tests.wharf.postgres.user_process FOLDER [fork | survive-signals]

It prints the conninfo (after `fork`, also the pid of a child that does nothing) and uses
the server until its standard input ends. With `survive-signals` it first answers SIGINT
and SIGTERM with a line that says whether the server still works.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType

import psycopg

from wharf.postgres.supervisor import EmbeddedPostgres

REPOSITORY = Path(__file__).parents[3]


class UserProcess:
    """`with UserProcess(folder) as user`: killed at the end if it is still there."""

    def __init__(
        self,
        folder: Path,
        *modes: str,
        python: Sequence[str] = (sys.executable,),
        uid: int | None = None,
        environ: Mapping[str, str] = os.environ,
        cwd: Path = REPOSITORY,
    ) -> None:
        self._process = subprocess.Popen(
            [*python, "-m", "tests.wharf.postgres.user_process", str(folder), *modes],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=cwd,
            env=dict(environ),
            user=uid,
            group=uid,
            extra_groups=None if uid is None else [],
            start_new_session=True,
        )
        self.pid = self._process.pid

    def says(self) -> str:
        """Its next line; empty when it has ended."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def kill(self) -> None:
        """End it like a power cut would."""
        self._process.kill()
        self._process.wait()

    def leave(self) -> None:
        """Let it close its share and end."""
        self._process.communicate()
        assert self._process.returncode == 0

    def __enter__(self) -> UserProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def idle_child() -> int:
    """Fork a child that lives until it is killed; its pid."""
    pid = os.fork()
    if pid == 0:
        os.close(0)
        os.close(1)
        while True:
            signal.pause()
    return pid


def main(folder: str, *modes: str) -> None:
    with EmbeddedPostgres(Path(folder)) as conninfo:

        def ask_the_server(number: int, _frame: FrameType | None) -> None:
            with psycopg.connect(conninfo) as database:
                database.execute("select 1")
            say(f"{signal.Signals(number).name}: the server works")

        if "survive-signals" in modes:
            signal.signal(signal.SIGINT, ask_the_server)
            signal.signal(signal.SIGTERM, ask_the_server)
        say(conninfo)
        if "fork" in modes:
            say(str(idle_child()))
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
