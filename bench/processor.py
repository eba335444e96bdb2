"""What processes have spent on a processor, which says the same whatever else the machine does.

It counts the work and not the waiting for a core, for a lock or for the disk. Linux only.
"""

import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import httpx

PROC = Path("/proc")


class Spent(NamedTuple):
    """Milliseconds a request: on a processor by the web process and by PostgreSQL, and in all."""

    web_ms: list[float]
    database_ms: list[float]
    clock_ms: list[float]

    def add(self, other: "Spent") -> None:
        for mine, more in zip(self, other, strict=True):
            mine.extend(more)

    @property
    def web(self) -> float:
        return median(self.web_ms)

    @property
    def database(self) -> float:
        return median(self.database_ms)

    @property
    def all(self) -> float:
        return self.web + self.database


def spend(client: httpx.Client, address: str, web: int, server: int, requests: int) -> Spent:
    """So many requests, one after the other, and what each cost; `web` and `server` are pids."""
    before = spent_ms(web), spent_ms(server)
    clock = []
    for _ in range(requests):
        began = time.perf_counter()
        client.get(address).raise_for_status()
        clock.append((time.perf_counter() - began) * 1e3)
    after = spent_ms(web), spent_ms(server)
    cost = [(late - early) / requests for early, late in zip(before, after, strict=True)]
    return Spent([cost[0]], [cost[1]], clock)


def spent_ms(pid: int) -> float:
    """Of the process, all that descend from it and are there yet, and all their threads."""
    return sum(map(_own_ms, _family(pid)))


def server_pid(folder: Path) -> int:
    """Of the PostgreSQL whose data are in the folder: all its sessions descend from it."""
    return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def _own_ms(pid: int) -> float:
    nanoseconds = 0
    for thread in (PROC / str(pid) / "task").glob("*/schedstat"):
        try:
            nanoseconds += int(thread.read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return nanoseconds / 1e6


def _family(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for each in PROC.glob("[0-9]*/stat"):
        try:
            # Behind the name, which may have spaces and brackets in it: state, then the parent.
            parent = int(each.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(parent, []).append(int(each.parent.name))
    family = [pid]
    # It grows while it is walked through.
    for member in family:
        family += children.get(member, [])
    return family
