"""Signing in as people do: by the link that they were given."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page


def signed_in(
    browser: Browser,
    link: str,
    guard_s: float = 30.0,
    zone: str = "UTC",
    then: Callable[[Page], None] | None = None,
) -> Any:
    """The state of a browser's storage that a context of who signed in begins with.

    A step may take `guard_s`; `zone` is what the browser's clock says, from the first page on;
    `then` is done in the inbox.
    """
    with browser.new_context() as context:
        context.set_default_timeout(guard_s * 1_000)
        page = context.new_page()
        page.goto(link)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/inbox")
        if then is not None:
            then(page)
        context.add_cookies([{"name": "zone", "value": zone.replace("/", "%2F"), "url": page.url}])
        return context.storage_state()
