"""Servers that a bench starts: a process each, on a free port, with a secret of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import httpx

ROOT = Path(__file__).resolve().parent.parent
SECRET = "made-up-secret-of-the-bench"
START_S = 60.0


class Service(NamedTuple):
    process: subprocess.Popen[bytes]
    port: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(folder: Path, port: int) -> dict[str, str]:
    """Nothing of the caller's settings: every bench has a data folder and secrets of its own."""
    ours = ("WHATSAPP_", "WHARF_", "DATABASE_URL")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return {
        **inherited,
        "PYTHONPATH": str(ROOT),
        "WHATSAPP_APP_SECRET": SECRET,
        "WHATSAPP_WEBHOOK_VERIFY_TOKEN": "made-up-token-of-the-bench",
        "WHARF_DATA_DIR": str(folder / "data"),
        "WHARF_PORT": str(port),
        # One client of a bench asks as much as all of an installation.
        "WHARF_RATE_LIMIT": "0",
    }


@contextmanager
def running(
    folder: Path,
    arguments: Sequence[str],
    port: int | None = None,
    *,
    python: str = sys.executable,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Service]:
    """`python ARGUMENTS` in `folder` until the block ends; {port} in them is the port it gets.

    What it prints goes to `folder/output.log`.
    """
    port = port or free_port()
    command = [python, *(each.format(port=port) for each in arguments)]
    with (folder / "output.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**environment(folder, port), **settings},
            stdout=log,
            stderr=log,
        )
    try:
        wait_until_it_answers(process, port)
        yield Service(process, port)
    finally:
        process.terminate()
        process.wait()


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    """Raises RuntimeError when it ends instead, TimeoutError when it takes too long."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"it ended with {process.returncode}; see output.log")
        try:
            httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("no answer")


WHARF = ["-c", "from wharf.cli import main; main()"]
