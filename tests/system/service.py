"""Wharf as processes: started as an operator starts them, and ended in every way there is."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg.conninfo import conninfo_to_dict

from tests.wharf.postgres.observing import postmaster_pid, shim_pid, wait_until_down

REPOSITORY = Path(__file__).parents[2]
WHARF = (str(Path(sys.executable).with_name("wharf")),)
# Only against hanging for ever; nothing is expected to take this long.
GUARD_S = 180.0


def variant(name: str) -> tuple[str, ...]:
    """The command with a fault built in: see tests/system/variants.py."""
    return (sys.executable, "-m", "tests.system.variants", name)


def eventually(condition: Callable[[], bool], what: str = "it") -> None:
    """Wait until it is so."""
    guard = time.monotonic() + GUARD_S
    while not condition():
        assert time.monotonic() < guard, f"{what} was not within {GUARD_S:.0f} s"
        time.sleep(0.02)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def as_url(conninfo: str) -> str:
    """A conninfo as DATABASE_URL takes it."""
    params = conninfo_to_dict(conninfo)
    return f"postgresql://{params['user']}@/{params['dbname']}?host={params['host']}"


class Place:
    """A folder and a port of one installation's own, and what runs there."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = settings
        self.running: list[Process] = []

    def environ(self, **settings: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": str(REPOSITORY),
            "WHARF_DATA_DIR": str(self.folder / "data"),
            "WHARF_PORT": str(self.port),
            **self.settings,
            **settings,
        }

    def start(self, *arguments: str, command: Sequence[str] = WHARF, **settings: str) -> "Process":
        process = Process(
            [*command, *arguments],
            self.environ(**settings),
            self.folder,
            self.folder / f"{len(self.running)}.log",
        )
        self.running.append(process)
        return process

    def up(self, command: Sequence[str] = WHARF, **settings: str) -> "Process":
        process = self.start("up", command=command, **settings)
        self.until_ready(process)
        return process

    def until_ready(self, process: "Process") -> None:
        eventually(lambda: self._is_ready(process), "readiness")

    def _is_ready(self, process: "Process") -> bool:
        assert process.running, process.said()
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/readyz", trust_env=False).status_code == 200
        return False

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """A command that ends by itself."""
        return subprocess.run(
            [*WHARF, *arguments],
            env=self.environ(**settings),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=GUARD_S,
        )

    def says(self, *arguments: str) -> Any:
        """What a command prints as JSON."""
        done = self.run(*arguments, "--json")
        assert 0 == done.returncode, done.stderr
        return json.loads(done.stdout)

    def kill_everything(self) -> None:
        """As a power cut would: the service, its PostgreSQL and the process between the two."""
        postgres = self.folder / "data" / "postgres"
        server, shim = postmaster_pid(postgres), shim_pid(postgres)
        for process in self.running:
            process.signal(signal.SIGKILL)
        os.kill(shim, signal.SIGKILL)
        os.kill(server, signal.SIGKILL)
        wait_until_down(postgres)

    def end(self) -> None:
        for process in self.running:
            process.end()


class Process:
    """One of its processes, with what it said."""

    def __init__(
        self, command: Sequence[str], environ: dict[str, str], cwd: Path, log: Path
    ) -> None:
        self._log = log
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                command,
                env=environ,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def said(self) -> str:
        return self._log.read_text(errors="replace")

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def exit_code(self) -> int:
        """After it has ended by itself."""
        return self._process.wait(GUARD_S)

    def end(self) -> None:
        """Let it leave its database, so that nothing is left running."""
        if self.running:
            self._process.terminate()
            try:
                self._process.wait(GUARD_S)
            except subprocess.TimeoutExpired:
                self.kill()


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as conn:
        return conn.execute(query.encode()).fetchall()


def caught_up(url: str) -> bool:
    """Whether each view that answers has reached the head of a log that isn't empty."""
    found = rows(
        url,
        "select bool_and(position > 0 and position = (select max(position) from log.events))"
        "  from read.versions join read.active using (view, version)",
    )
    return found == [(True,)]
