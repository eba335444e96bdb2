"""A rebuild in a process of its own, and what it takes of memory and processor as it goes on."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from bench import service

SAMPLE_EVERY_S = 0.1
SHARES = (0.1, 0.5, 1.0)


class Rebuilt(NamedTuple):
    """Both times begin with the first word that it prints: the start of Python is no part of them.

    `memory_kb` is the most that the process and its session in the server had of their own, by
    share of the log: the process's high-water mark, and the session's memory that nobody shares."""

    seconds: float
    processor_s: float
    head: int
    memory_kb: dict[float, tuple[int, int]]


def rebuild(folder: Path, conn: psycopg.Connection[Any], view: str) -> Rebuilt:
    """`wharf projections rebuild VIEW` on the database of `folder`, from its first word on."""
    command = [sys.executable, *service.WHARF, "projections", "rebuild", view, "--json"]
    environment = service.environment(folder, service.free_port())
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE)
    told: list[tuple[float, dict[str, Any]]] = []
    before_s = 0.0

    def listen() -> None:
        nonlocal before_s
        assert process.stdout is not None  # it is a pipe
        for line in process.stdout:
            before_s = before_s or processor(process.pid)
            told.append((time.perf_counter(), json.loads(line)))

    listener = threading.Thread(target=listen)
    listener.start()
    session: int | None = None
    ours = theirs = 0
    processor_s = 0.0
    memory: dict[float, tuple[int, int]] = {}
    while process.poll() is None:
        if session is None:
            session = session_of(conn, view)
        ours = max(ours, status(process.pid, "VmHWM"))
        if session is not None:
            theirs = max(theirs, status(session, "RssAnon"))
            processor_s = max(processor_s, processor(session) + processor(process.pid))
        if told and "head" in told[-1][1]:
            reached = told[-1][1]["position"] / told[-1][1]["head"]
            memory |= {
                share: (ours, theirs)
                for share in SHARES
                if reached >= share and (share not in memory or share == 1)
            }
        time.sleep(SAMPLE_EVERY_S)
    listener.join()
    if process.returncode:
        raise SystemExit(f"the rebuild of {view} ended with {process.returncode}")
    seconds = told[-1][0] - told[0][0]
    return Rebuilt(seconds, processor_s - before_s, told[-1][1]["position"], memory)


def session_of(conn: psycopg.Connection[Any], view: str) -> int | None:
    """The server's process that rebuilds the view: it holds the lock of that name."""
    row = conn.execute(
        "select pid from pg_locks, hashtextextended('wharf rebuild ' || %s, 0) k"
        " where locktype = 'advisory' and objsubid = 1 and granted"
        "   and (classid::bigint << 32) + objid::bigint = k",
        (view,),
    ).fetchone()
    return row[0] if row else None


def status(pid: int, name: str) -> int:
    """A size of /proc/PID/status in kB; 0 for a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name + ":")), 0)


def processor(pid: int) -> float:
    """Seconds that the process has spent on a core."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0
