"""What the pages cost at 100,000 conversations and 2M messages, and how soon a message is seen.

.venv/bin/python -m bench.pages [--folder KEPT] [--messages 2000000] [--requests 100]

Needs Chromium. The folder may be the one of bench.reads, whose databases it shares.
"""

import argparse
import asyncio
import gzip
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

import httpx
import psycopg
from playwright.sync_api import Browser, Page, Response, sync_playwright

from bench import service
from bench.generator import NUMBERS, body
from bench.reads_house import house
from events.database import connect_async
from tests.browser.signing_in import signed_in
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.users import add_user
from write_side.signature import sign

CHROMIUM = "/usr/bin/chromium"
WARM = 5
VISITS = 7
CLICKS = 5
POSTS = 40
# Bytes a second and milliseconds, as browsers' own tools have a slow 4G; and a phone's processor.
SLOW_NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 200_000,
                "uploadThroughput": 90_000}  # fmt: skip
SLOW_PROCESSOR = 4
OBSERVE = """
window.shift = 0
window.slowest = 0
new PerformanceObserver(list => {
    for (const each of list.getEntries()) if (!each.hadRecentInput) window.shift += each.value
}).observe({ type: "layout-shift", buffered: true })
new PerformanceObserver(list => {
    for (const each of list.getEntries())
        if (each.interactionId) window.slowest = Math.max(window.slowest, each.duration)
}).observe({ type: "event", durationThreshold: 16, buffered: true })
"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
APPEARED = """text => new Promise(appeared => {
    const look = () => {
        if (document.querySelector(".thread").textContent.includes(text)) appeared(Date.now())
        else requestAnimationFrame(look)
    }
    look()
})"""


class Visit(NamedTuple):
    """First paint in ms, layout shift, elements, and bytes of JavaScript and CSS as they came."""

    paint_ms: float
    shift: float
    elements: int
    scripts: int
    styles: int


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
        token = asyncio.run(invited(large.url))
        url = f"http://127.0.0.1:{large.port}"
        thread = f"/inbox/{large.places['conversation']}"
        with chromium() as browser:
            state = signed_in(browser, f"{url}/sign-in?token={token}")
            ask(url, state, thread, large.places["rare"], requests, Work(large.url))
            show(browser, url, state, thread)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM)


async def invited(database: str) -> str:
    """What an admin of this run signs in with."""
    async with await connect_async(database, "wharf_write") as conn:
        return (await add_user(conn, f"bench-{time.time_ns()}", "admin")).token


class Work:
    """Processor time of the service and of its database's backends, in ms.

    A clock counts what others do on the machine, too."""

    def __init__(self, database: str) -> None:
        self._conn = psycopg.connect(database, autocommit=True)
        started = [int(each) for each in _read(f"self/task/{os.getpid()}/children").split()]
        (self._web,) = (each for each in started if "serve" in _read(f"{each}/cmdline"))

    def taken(self) -> dict[int, float]:
        """By process id; a backend that has ended is missing."""
        others = "select pid from pg_stat_activity where datname = current_database() and pid <> %s"
        backends = self._conn.execute(others, (self._conn.info.backend_pid,)).fetchall()
        tasks = Path(f"/proc/{self._web}/task").iterdir()
        web = sum(_nanoseconds(f"{self._web}/task/{task.name}") for task in tasks)
        return {
            self._web: web / 1e6,
            **{pid: _nanoseconds(str(pid)) / 1e6 for (pid,) in backends},
        }

    def since(self, before: dict[int, float]) -> tuple[float, float]:
        """Of the service, and of all its backends."""
        spent = {pid: ms - before.get(pid, 0) for pid, ms in self.taken().items()}
        web = spent.pop(self._web)
        return web, sum(spent.values())


def _read(path: str) -> str:
    return Path("/proc", path).read_text()


def _nanoseconds(process: str) -> int:
    try:
        return int(_read(f"{process}/schedstat").split()[0])
    except FileNotFoundError:
        return 0


def ask(url: str, state: Any, thread: str, rare: str, requests: int, work: Work) -> None:
    """Time to the first byte, processor time and size of each page, in turns."""
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
                before = work.taken()
                began = time.perf_counter()
                with client.stream("GET", path) as answer:
                    first = (time.perf_counter() - began) * 1e3
                    sizes[name] = len(gzip.compress(answer.read()))
                if n >= WARM:
                    # With nothing in the cache a question may take too long, and is refused.
                    assert answer.status_code == 200, (name, answer.text)
                    taken[name].append(first)
                    worked[name].append(work.since(before))
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


def show(browser: Browser, url: str, state: Any, thread: str) -> None:
    """What a browser makes of them, with an empty cache each time."""
    print("\n| page | first paint | on a slow phone | shift | elements | JS, CSS |")
    print("|---|---|---|---|---|---|")
    for path in ("/inbox", thread, "/messages", "/stats?days=30"):
        quick = [visit(browser, url + path, state, slow=False) for _ in range(VISITS)]
        slow = [visit(browser, url + path, state, slow=True) for _ in range(VISITS)]
        print(
            f"| {path} | {median(each.paint_ms for each in quick):.0f} ms"
            f" | {median(each.paint_ms for each in slow):.0f} ms"
            f" | {max(each.shift for each in (*quick, *slow)):.3f} | {quick[0].elements}"
            f" | {quick[0].scripts / 1024:.1f}, {quick[0].styles / 1024:.1f} KiB |",
            flush=True,
        )
    with browser.new_context(base_url=url, storage_state=state) as context:
        context.add_init_script(OBSERVE)
        page = context.new_page()
        page.goto("/inbox")
        for n in range(CLICKS):
            page.locator("#list .row").nth(n).click()
            page.wait_for_load_state("networkidle")
        print(f"\nslowest answer to a click: {page.evaluate('window.slowest'):.0f} ms")


def visit(browser: Browser, address: str, state: Any, *, slow: bool) -> Visit:
    with browser.new_context(storage_state=state) as context:
        context.add_init_script(OBSERVE)
        page = context.new_page()
        if slow:
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", SLOW_NETWORK)
            session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_PROCESSOR})
        came: list[Response] = []
        page.on("response", lambda response: came.append(response))
        page.goto(address)
        while page.evaluate(PAINTED) is None:
            page.wait_for_timeout(20)
        # The stream never ends, so a quiet network is not waited for.
        page.wait_for_timeout(500)
        return Visit(
            page.evaluate(PAINTED),
            page.evaluate("window.shift"),
            page.evaluate("document.querySelectorAll('*').length"),
            transferred(came, "script"),
            transferred(came, "stylesheet"),
        )


def transferred(came: list[Response], kind: str) -> int:
    return sum(len(gzip.compress(r.body())) for r in came if r.request.resource_type == kind)


def wait_for_messages(folder: Path) -> None:
    """From the answer to a POST until the message stands in a thread that is open."""
    with service.running(folder, [*service.WHARF, "up"]) as up, chromium() as browser:
        url = f"http://127.0.0.1:{up.port}"
        post(url, 0)
        state = signed_in(browser, link(folder, up.port))
        with browser.new_context(base_url=url, storage_state=state) as context:
            page = context.new_page()
            open_thread(page)
            seen = []
            for n in range(1, POSTS + 1):
                page.evaluate(f"void (window.appeared = ({APPEARED})('message {n}.'))")
                stored = post(url, n)
                seen.append(page.evaluate("window.appeared") - stored)
    p95 = quantiles(seen, n=20)[18]
    print(f"from the 200 to the screen: p50 {median(seen):.0f} ms, p95 {p95:.0f} ms")


def open_thread(page: Page) -> None:
    page.goto("/inbox")
    page.locator("#list .row").first.click()
    page.locator(".bubble").first.wait_for()
    page.locator("#live", has_text="live").wait_for()


def link(folder: Path, port: int) -> str:
    command = [sys.executable, *service.WHARF, "users", "add", "bench", "--role", "admin"]
    environment = service.environment(folder, port)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    return done.stdout.decode().split()[0]


def post(url: str, number: int) -> float:
    """One message; when it was acknowledged, in ms since 1970."""
    message = {
        "from": "5511987654321",
        "id": f"wamid.page{number}",
        "timestamp": str(int(time.time())),
        "type": "text",
        "text": {"body": f"message {number}."},
    }
    contact = {"profile": {"name": "Ana"}, "wa_id": message["from"]}
    delivery = body(NUMBERS[0], {"contacts": [contact], "messages": [message]})
    answer = httpx.post(
        f"{url}/api/whatsapp/webhook/",
        content=delivery,
        headers={"X-Hub-Signature-256": sign(service.SECRET, delivery)},
        trust_env=False,
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return time.time() * 1e3


if __name__ == "__main__":
    main()
