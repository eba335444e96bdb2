"""Load on a running service, and a ledger of what it acknowledged."""

import contextlib
import threading
from collections import Counter

import httpx

from tests.system.service import GUARD_S, Place, rows
from tests.write_side.posting import delivery
from write_side.signature import sign

PATH = "/api/whatsapp/webhook/"
SECRET = "a3f9c2d45e6b7081 made for this test".replace(" ", "-")
TOKEN = "b4e8d1c36f5a7092 made for this test".replace(" ", "-")
SETTINGS = {"WHATSAPP_APP_SECRET": SECRET, "WHATSAPP_WEBHOOK_VERIFY_TOKEN": TOKEN}


class Ledger:
    """Posts from several threads until it is told to end; keeps what was answered 200."""

    def __init__(self, place: Place, clients: int = 4) -> None:
        self._url = place.url + PATH
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(clients)]
        self.acknowledged: list[bytes] = []
        self.answers: Counter[int] = Counter()

    def __enter__(self) -> "Ledger":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        with httpx.Client(trust_env=False, timeout=GUARD_S) as client:
            while not self._ending.is_set():
                self._post(client, delivery())

    def _post(self, client: httpx.Client, body: bytes) -> None:
        headers = {"X-Hub-Signature-256": sign(SECRET, body)}
        # Nobody there, for now: Meta would try again later.
        with contextlib.suppress(httpx.TransportError):
            answer = client.post(self._url, content=body, headers=headers)
            with self._lock:
                self.answers[answer.status_code] += 1
                if answer.status_code == 200:
                    self.acknowledged.append(body)

    def lost(self, url: str) -> int:
        """How many acknowledged deliveries the log does not have, byte for byte."""
        stored = {bytes(row[0]) for row in rows(url, "select body from log.deliveries")}
        return len([body for body in self.acknowledged if body not in stored])


def post(place: Place, body: bytes) -> int:
    """One delivery; the status of its answer."""
    return httpx.post(
        place.url + PATH,
        content=body,
        headers={"X-Hub-Signature-256": sign(SECRET, body)},
        trust_env=False,
        timeout=GUARD_S,
    ).status_code
