"""Load: wrk over 64 connections, one signed body after the other out of a file."""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

PATH = "/api/whatsapp/webhook/"
CONNECTIONS = 64
SCRIPT = Path(__file__).with_name("requests.lua")


class Figures(NamedTuple):
    """What a load saw. `refused` counts answers that are not 2xx or 3xx, `broken` connections."""

    answered: int
    seconds: float
    refused: int
    broken: int
    late: int
    p50_ms: float
    p99_ms: float
    begun_again: int

    @property
    def per_second(self) -> float:
        return (self.answered - self.refused) / self.seconds


def write_requests(file: Path, port: int, bodies: Iterable[tuple[bytes, str]]) -> None:
    """Whole requests, so that wrk has nothing to put together while it measures."""
    with file.open("wb") as out:
        for body, signature in bodies:
            head = (
                f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                f"X-Hub-Signature-256: {signature}\r\n\r\n"
            ).encode()
            out.write(b"%08d" % (len(head) + len(body)) + head + body)


def run(port: int, requests: Path, seconds: int) -> Figures:
    """wrk with one thread: it takes a fifth of what a Python server does for the same request."""
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("this bench needs wrk (Debian and Ubuntu: apt install wrk)")
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s"]
    command += ["-s", str(SCRIPT), f"http://127.0.0.1:{port}", "--", str(requests)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    line = next(line for line in out.splitlines() if line.startswith("FIGURES"))
    answered, us, refused, broken, late, p50, p99, again = map(int, line.split()[1:])
    return Figures(answered, us / 1e6, refused, broken, late, p50 / 1e3, p99 / 1e3, again)
