"""Processes that can be killed, frozen and started again, each by several hands at once."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bench import service
from bench.kills import children

GUARD_S = 240.0


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait until it is so. Raises TimeoutError after minutes."""
    deadline = time.monotonic() + GUARD_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)


class Kept:
    """A process that is started again whenever it has ended, as by an operating system.

    One that is started while the database is away ends at once, and says why.
    """

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], folder: Path) -> None:
        self._command, self._environ, self._folder = command, environ, folder
        self._turn = threading.Lock()
        self._process = self._start()
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._keep, daemon=True)
        self._watch.start()

    def kill(self, for_s: float = 0.0) -> None:
        with self._turn:
            self._process.kill()
            self._process.wait()
            time.sleep(for_s)
            self._process = self._start()

    def terminate(self) -> None:
        """SIGTERM, and start it again when it has drained."""
        with self._turn:
            self._process.terminate()
            self._process.wait(GUARD_S)
            self._process = self._start()

    def freeze(self, for_s: float) -> None:
        with self.frozen():
            time.sleep(for_s)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        with self._turn:
            self._process.send_signal(signal.SIGSTOP)
            try:
                yield
            finally:
                self._process.send_signal(signal.SIGCONT)

    def end(self) -> bool:
        """By SIGTERM and for good; whether it ended well, now or when it was first asked."""
        self._ended.set()
        self._watch.join()
        with self._turn:
            self._process.terminate()
            # It may not have come to the point where it takes a signal.
            return self._process.wait(GUARD_S) in (0, -signal.SIGTERM)

    def _keep(self) -> None:
        while not self._ended.wait(0.2):
            with self._turn:
                if self._process.poll() is not None:
                    self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with (self._folder / "output.log").open("ab") as log:
            return subprocess.Popen(
                self._command, cwd=self._folder, env=self._environ, stdout=log, stderr=log
            )


def wharf(variant: str | None, *arguments: str) -> list[str]:
    """The command, or one with a fault built in: see tests/system/variants.py."""
    if variant:
        return [sys.executable, "-m", "tests.system.variants", variant, *arguments]
    return [sys.executable, *service.WHARF, *arguments]


class Server:
    """The processes of an embedded PostgreSQL, which its supervisor starts again."""

    def __init__(self, folder: Path) -> None:
        self._pid_file = folder / "data" / "postmaster.pid"

    def kill(self) -> None:
        with suppress(OSError, ValueError):
            os.kill(self._postmaster(), signal.SIGKILL)

    def kill_owing(self, until: Callable[[], None]) -> None:
        """Let nobody write what was committed asynchronously, and kill it after `until`."""
        writer = next(pid for pid in children(self._postmaster()) if _is_called(pid, "walwriter"))
        os.kill(writer, signal.SIGSTOP)
        try:
            until()
        finally:
            self.kill()
            os.kill(writer, signal.SIGKILL)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The postmaster first, so that no new session escapes."""
        stopped: list[int] = []
        try:
            with suppress(OSError, ValueError):
                postmaster = self._postmaster()
                for pid in (postmaster, *children(postmaster)):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGSTOP)
                        stopped.append(pid)
            yield
        finally:
            for pid in stopped:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def _postmaster(self) -> int:
        return int(self._pid_file.read_text().split("\n")[0])


def _is_called(pid: int, name: str) -> bool:
    with suppress(OSError):
        return name in Path(f"/proc/{pid}/cmdline").read_text()
    return False
