"""A service with made-up traffic, and people who look at its pages."""

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page

from events.database import connect_async
from tests.browser.signing_in import signed_in
from tests.system.ledger import PATH, SECRET
from tests.system.service import GUARD_S, Place, caught_up, eventually
from tests.write_side.posting import with_items
from wharf.scopes import Role
from wharf.users import add_user
from write_side.signature import sign

# These are axe's names for the levels of WCAG, and its own good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ANA = "5511987654321"

_wamids = count(1)


@dataclass
class House:
    """A running service, its database, and the browser that people have."""

    place: Place
    database: str
    browser: Browser
    sessions: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.place.url

    def post(self, *items: dict[str, Any]) -> None:
        """What Meta would POST; returns when the read tables have it."""
        body = with_items(*items)
        headers = {"X-Hub-Signature-256": sign(SECRET, body), "Content-Type": "application/json"}
        answer = httpx.post(
            f"{self.url}{PATH}", content=body, headers=headers, trust_env=False, timeout=GUARD_S
        )
        assert 200 == answer.status_code, answer.text
        eventually(lambda: caught_up(self.database), "the read tables")

    def say(self, text: str, phone: str = ANA, **more: Any) -> None:
        self.post(message("text", phone, text={"body": text}, **more))

    @contextmanager
    def person(self, name: str = "ana", role: Role = "admin", **options: Any) -> Iterator["Person"]:
        """Somebody who is signed in, in a browser of their own; at the end it must be clean."""
        if name not in self.sessions:
            self.sessions[name] = self._sign_in(name, role)
        settings = {"storage_state": self.sessions[name], "timezone_id": "UTC", **options}
        context = self.browser.new_context(base_url=self.url, **settings)
        context.set_default_timeout(GUARD_S * 1_000)
        try:
            person = Person(context)
            yield person
            assert [] == person.faults, person.faults
        finally:
            context.close()

    def _sign_in(self, name: str, role: Role) -> Any:
        async def invite() -> str:
            async with await connect_async(self.database, "wharf_write") as conn:
                return (await add_user(conn, name, role)).token

        # In a thread of its own: Playwright's event loop runs in this one.
        with ThreadPoolExecutor(1) as thread:
            token = thread.submit(lambda: asyncio.run(invite())).result()
        return signed_in(self.browser, f"{self.url}/sign-in?token={token}", GUARD_S)


class Person:
    """A browser's tabs, and whatever in them was not as it should be."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.faults: list[str] = []
        self.expected: tuple[str, ...] = ()
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("dialog", self._asked)

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.goto(path)
        return page

    def _heard(self, said: ConsoleMessage) -> None:
        # The policy's refusals are errors of the console, too.
        if said.type == "error" and not any(each in said.text for each in self.expected):
            self.faults.append(f"{said.text} at {said.location.get('url')}")

    def _asked(self, dialog: Dialog) -> None:
        self.faults.append(f"a dialog: {dialog.message}")
        dialog.dismiss()


def message(
    type_: str, phone: str = ANA, name: str = "Ana Souza", **payload: Any
) -> dict[str, Any]:
    """An item that a customer sends now, unless `payload` says otherwise."""
    return {
        "from": phone,
        "id": f"wamid.browser{next(_wamids):06}",
        "timestamp": str(int(time.time())),
        "type": type_,
        **payload,
    }


def check(page: Page) -> None:
    """axe finds nothing."""
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    shown = [
        {"rule": each["id"], "help": each["help"], "where": [n["html"] for n in each["nodes"][:3]]}
        for each in found
    ]

    assert [] == shown, json.dumps(shown, indent=1, ensure_ascii=False)
