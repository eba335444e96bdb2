"""One Chromium and one service per file."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.house import House
from tests.conftest import new_database
from tests.system.ledger import SECRET, SETTINGS, TOKEN
from tests.system.service import GUARD_S, Place, as_url, caught_up, eventually
from wharf.demo.sending import run_demo

CHROMIUM = Path(os.environ.get("WHARF_TEST_CHROMIUM", "/usr/bin/chromium"))

_numbers = count(1)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Not longer: as long as it is there, an event loop runs in this thread."""
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium: {CHROMIUM} is not there (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        # What will be so may take a busy machine long; the default is five seconds.
        expect.set_options(timeout=GUARD_S * 1_000)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def house(
    chromium: Browser, server: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """The demo's day has passed here."""
    with new_database(server, template) as database:
        place = Place(
            tmp_path_factory.mktemp("browser"),
            DATABASE_URL=as_url(database),
            **SETTINGS,
        )
        try:
            place.up()
            run_demo(place.url, SECRET, TOKEN, say=lambda line: None)
            eventually(lambda: caught_up(database), "the read tables")
            yield House(place, database, chromium)
        finally:
            place.end()
