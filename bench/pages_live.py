"""How soon a message is seen: from the answer to its POST until it stands in an open thread."""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median, quantiles

import httpx
from playwright.sync_api import Page

from bench import service
from bench.generator import NUMBERS, body
from bench.pages_seen import chromium
from tests.browser.signing_in import signed_in
from write_side.signature import sign

POSTS = 40
APPEARED = """text => new Promise(appeared => {
    const look = () => {
        if (document.querySelector(".thread").textContent.includes(text)) appeared(Date.now())
        else requestAnimationFrame(look)
    }
    look()
})"""


def wait_for_messages(folder: Path) -> None:
    """The median and the 95th percentile of POSTS messages, one after the other."""
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
