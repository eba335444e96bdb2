"""A process that appends, as a script and as seen from a test.

    python -m tests.events.appending_process CONNINFO NAME APPENDS
    python -m tests.events.appending_process CONNINFO hold

The first waits for a line on its standard input, then appends events of its own and, in every
fifth append, one that every such process has; it prints how many of its events were new. The
second appends in a transaction that it never ends, and prints its server process's id.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from events.append import append
from tests.events.given import an_event, append_named, writing

REPOSITORY = Path(__file__).parents[2]


class AppendingProcess:
    """`with AppendingProcess(…) as process`: killed at the end if it is still there."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.events.appending_process", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
        )

    def says(self) -> str:
        """Its next line; empty when it has ended."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def begin(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("begin\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """End it like a power cut would."""
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> AppendingProcess:
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


async def append_many(url: str, name: str, appends: int) -> None:
    async with writing(url) as conn:
        say("ready")
        sys.stdin.readline()
        new = 0
        for number in range(appends):
            batch = [f"{name} {number} {nth}" for nth in range(1 + number % 3)]
            if number % 5 == 0:
                batch.append(f"shared {number}")
            appended = await append(conn, [(None, an_event(event)) for event in batch])
            new += sum(appended.fresh)
        say(str(new))


async def hold(url: str) -> None:
    async with writing(url) as conn, conn.transaction():
        await append_named(conn, "never committed")
        say(str(conn.info.backend_pid))
        sys.stdin.readline()


if __name__ == "__main__":
    if sys.argv[2] == "hold":
        asyncio.run(hold(sys.argv[1]))
    else:
        asyncio.run(append_many(sys.argv[1], sys.argv[2], int(sys.argv[3])))
