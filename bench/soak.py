"""Webhooks for minutes, and what the web process then has of memory, files and connections.

.venv/bin/python -m bench.soak [--minutes 10] [--warm-up 20000]
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from bench import load, service
from bench.generator import signed
from bench.lag import lag_events
from bench.rebuilding import status
from wharf.postgres.supervisor import EmbeddedPostgres

ROUND_S = 20
# As many bodies are made for a round as the one before took, and some more.
SPARE = 1.3


class Seen(NamedTuple):
    """Of the web process, when everything was in the views; memory in kB."""

    webhooks: int
    resident_kb: int
    own_kb: int
    files: int
    sessions: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--warm-up", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wharf-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with (
            EmbeddedPostgres(folder / "data" / "postgres") as url,
            service.running(folder, [*service.WHARF, "up"]) as web,
            psycopg.connect(url, autocommit=True) as conn,
        ):
            soak(folder / "requests", web, conn, options.warm_up, options.minutes * 60)


def soak(
    requests: Path,
    web: service.Service,
    conn: psycopg.Connection[Any],
    warm_up: int,
    seconds: float,
) -> None:
    webhooks = round_ = 0
    rate = 500.0
    seen = look(web.process.pid, conn, 0)
    first: Seen | None = None
    deadline = time.monotonic()
    while first is None or time.monotonic() < deadline:
        bodies = signed(round_, service.SECRET, int(rate * ROUND_S * SPARE))
        load.write_requests(requests, web.port, bodies)
        figures = load.run(web.port, requests, ROUND_S)
        webhooks += figures.answered - figures.refused
        rate, round_ = max(figures.per_second, 100.0), round_ + 1
        while lag_events(conn):
            time.sleep(0.05)
        seen = look(web.process.pid, conn, webhooks)
        print(f"{seen}, {figures.per_second:.0f}/s, load {os.getloadavg()[0]:.0f}", flush=True)
        if first is None and webhooks >= warm_up:
            first, deadline = seen, time.monotonic() + seconds
    more = seen.webhooks - first.webhooks
    grown_mb = (seen.own_kb - first.own_kb) / 1024
    print(
        f"after {first.webhooks} to warm up, {more} webhooks: {grown_mb:+.1f} MB of its own"
        f" ({grown_mb / more * 1e6:+.1f} MB a million), {seen.files - first.files:+d} files,"
        f" {seen.sessions - first.sessions:+d} sessions"
    )


def look(pid: int, conn: psycopg.Connection[Any], webhooks: int) -> Seen:
    row = conn.execute("select count(*) from pg_stat_activity where usename is not null").fetchone()
    assert row is not None  # an aggregate always answers one row
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Seen(webhooks, status(pid, "VmRSS"), status(pid, "RssAnon"), files, int(row[0]))


if __name__ == "__main__":
    main()
