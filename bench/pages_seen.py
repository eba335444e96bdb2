"""What a browser makes of the pages: paint, shift, size, and the answer to a click."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Response, sync_playwright

CHROMIUM = "/usr/bin/chromium"
VISITS = 7
CLICKS = 5
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


class Visit(NamedTuple):
    """First paint in ms, layout shift, elements, and bytes of JavaScript and CSS as they came."""

    paint_ms: float
    shift: float
    elements: int
    scripts: int
    styles: int


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM)


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
