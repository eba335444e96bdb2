"""Streams of a running service: it ends and comes back, and whoever listens misses nothing."""

import contextlib
import signal
import threading

import httpx
import pytest

from tests.system.ledger import post
from tests.system.service import Place, eventually, rows
from tests.write_side.posting import delivery

PATH = "/api/whatsapp/stream/"


class Browser:
    """Listens, and comes again with the last id whenever it is cut off, as browsers do."""

    def __init__(self, place: Place, key: str) -> None:
        self._place = place
        self._headers = {"X-Api-Key": key}
        self._last_id = "0"
        self._done = threading.Event()
        self.positions: list[int] = []
        self.heard: list[str] = []
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> "Browser":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def _listen(self) -> None:
        while not self._done.is_set():
            with contextlib.suppress(httpx.TransportError):
                self._connect()

    def _connect(self) -> None:
        headers = {**self._headers, "Last-Event-ID": self._last_id}
        url = self._place.url + PATH
        with httpx.stream("GET", url, headers=headers, timeout=2, trust_env=False) as answer:
            if answer.status_code != 200:
                return
            for line in answer.iter_lines():
                self._take(line)
                if self._done.is_set():
                    return

    def _take(self, line: str) -> None:
        name, _, value = line.partition(": ")
        if name == "id":
            self._last_id = value
        elif name == "event":
            self.heard.append(value)
            if value.startswith("message."):
                self.positions.append(int(self._last_id))


@pytest.fixture
def key(server_place: Place) -> str:
    made = server_place.says("keys", "create", "--name", "listener", "--scopes", "stream:read")
    return str(made["key"])


def head(database: str) -> int:
    ((position,),) = rows(database, "select coalesce(max(position), 0) from log.events")
    return int(position)


@pytest.mark.deep
def test_killed_again_and_again_it_loses_and_repeats_nothing(
    server_place: Place, database: str, key: str
) -> None:
    service = server_place.up()
    with Browser(server_place, key) as browser:
        for _ in range(2):
            for _ in range(20):
                assert 200 == post(server_place, delivery())
            eventually(lambda: len(browser.positions) > 0, "something to hear")
            service.kill()
            service = server_place.up()
        assert 200 == post(server_place, delivery())
        eventually(lambda: browser.positions[-1:] == [head(database)], "the newest message")

    assert list(range(1, 42)) == browser.positions


@pytest.mark.slow
def test_open_streams_hear_good_bye_and_do_not_hold_the_end_up(
    server_place: Place, key: str
) -> None:
    service = server_place.up()
    with Browser(server_place, key) as one, Browser(server_place, key) as two:
        assert 200 == post(server_place, delivery())
        eventually(lambda: bool(one.positions and two.positions), "both to hear")
        service.signal(signal.SIGTERM)
        assert 0 == service.exit_code()

    assert ["message.received", "bye"] == one.heard == two.heard
    said = service.said()
    assert "Cancel" not in said, "the drain ran out of time"
    assert "Traceback" not in said
