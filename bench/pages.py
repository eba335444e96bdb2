"""What the pages cost at 100,000 conversations and 2M messages, and how soon a message is seen.

.venv/bin/python -m bench.pages [--folder KEPT] [--messages 2000000] [--requests 100]

Needs Chromium. The folder may be the one of bench.reads, whose databases it shares.
"""

import argparse
import asyncio
import gzip
import os
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx

from bench.pages_live import wait_for_messages
from bench.pages_seen import chromium, show
from bench.processor import server_pid, spent_ms
from bench.reads_house import house
from events.database import connect_async
from tests.browser.signing_in import signed_in
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.users import add_user

WARM = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="kept, and used again when it is there")
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--requests", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pages-") as name:
        temporary = Path(name)
        temporary.chmod(0o711)
        look_at_many(options.folder or temporary / "large", options.messages, options.requests)
        live = temporary / "live"
        live.mkdir()
        wait_for_messages(live)


def look_at_many(folder: Path, messages: int, requests: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    with (
        EmbeddedPostgres(folder / "postgres") as server,
        house(folder, server, messages) as large,
    ):
        pids = large.pid, server_pid(folder / "postgres")
        token = asyncio.run(invited(large.url))
        url = f"http://127.0.0.1:{large.port}"
        thread = f"/inbox/{large.places['conversation']}"
        with chromium() as browser:
            state = signed_in(browser, f"{url}/sign-in?token={token}")
            ask(url, state, thread, large.places["rare"], requests, pids)
            show(browser, url, state, thread)


async def invited(database: str) -> str:
    """What an admin of this run signs in with."""
    async with await connect_async(database, "wharf_write") as conn:
        return (await add_user(conn, f"bench-{time.time_ns()}", "admin")).token


def ask(url: str, state: Any, thread: str, rare: str, requests: int, pids: tuple[int, int]) -> None:
    """Time to the first byte, processor time and size of each page, in turns.

    `pids` are the service's and the database server's."""
    pages = {
        "inbox": "/inbox",
        "inbox, unread": "/inbox?unread=true",
        "thread": thread,
        "messages": "/messages",
        "messages, search for a common word": "/messages?q=please",
        "messages, search for a rare word": f"/messages?q={rare}",
        "statistics": "/stats?days=30",
    }
    cookies = {each["name"]: each["value"] for each in state["cookies"]}
    taken: dict[str, list[float]] = {name: [] for name in pages}
    worked: dict[str, list[tuple[float, float]]] = {name: [] for name in pages}
    sizes = {}
    with httpx.Client(base_url=url, cookies=cookies, trust_env=False, timeout=60) as client:
        for n in range(requests + WARM):
            for name, path in pages.items():
                before = [spent_ms(pid) for pid in pids]
                began = time.perf_counter()
                with client.stream("GET", path) as answer:
                    first = (time.perf_counter() - began) * 1e3
                    sizes[name] = len(gzip.compress(answer.read()))
                if n >= WARM:
                    # With nothing in the cache a question may take too long, and is refused.
                    assert answer.status_code == 200, (name, answer.text)
                    taken[name].append(first)
                    after = [spent_ms(pid) for pid in pids]
                    worked[name].append((after[0] - before[0], after[1] - before[1]))
    print(f"\nload {os.getloadavg()[0]:.0f}")
    print("| page | first byte: p50, p95 | processor: service, PostgreSQL | HTML, gzip |")
    print("|---|---|---|---|")
    for name, times in taken.items():
        p95 = quantiles(times, n=20)[18]
        web, backends = (median(part) for part in zip(*worked[name], strict=True))
        print(
            f"| {name} | {median(times):.0f}, {p95:.0f} ms | {web:.0f}, {backends:.0f} ms"
            f" | {sizes[name] / 1024:.1f} KiB |",
            flush=True,
        )


if __name__ == "__main__":
    main()
