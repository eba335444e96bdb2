"""Meta, as it is: what was not answered 200 comes again, some comes twice and some comes late."""

import http.client
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from random import Random

from bench.generator import deliveries
from bench.load import PATH
from bench.service import SECRET
from write_side.signature import sign

CLIENTS = 8
PAUSE_S = 0.01
ANSWER_S = 20.0
PEOPLE = 40


class Load:
    """Posts until it is told to end, and after that what was not acknowledged yet.

    With `repeats` a tenth comes twice and a tenth late; without, nothing that was acknowledged is
    ever sent again, so that a loss can't be mended by accident.
    """

    def __init__(self, seed: int, host: str, ports: Sequence[int], *, repeats: bool) -> None:
        self._random = Random(seed)
        # No two items of one second: whose the last word is would depend on the order.
        self._source = deliveries(seed, PEOPLE, events_a_second=1)
        self._host, self._ports, self._repeats = host, ports, repeats
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._abandoned = threading.Event()
        self._again: deque[bytes] = deque()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(CLIENTS)]
        self.sent: list[bytes] = []
        self.acknowledged: list[bytes] = []
        self.answers: Counter[int] = Counter()
        self.unanswered = 0
        self.repeated = 0
        self.silence_s = 0.0
        self._last_s = time.monotonic()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Nothing new is sent any more; return when all of it is acknowledged."""
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def abandon(self) -> None:
        """Nothing is sent any more, whether or not it was acknowledged."""
        self._abandoned.set()
        self.end()

    def _run(self) -> None:
        connections: dict[int, http.client.HTTPConnection] = {}
        while (body := self._next()) is not None:
            port = self._random.choice(self._ports)
            connection = connections.get(port)
            if connection is None:
                connection = http.client.HTTPConnection(self._host, port, timeout=ANSWER_S)
                connections[port] = connection
            self._note(body, self._post(connection, body))
            time.sleep(PAUSE_S)
        for connection in connections.values():
            connection.close()

    def _next(self) -> bytes | None:
        with self._lock:
            if self._abandoned.is_set():
                return None
            fresh = not self._ending.is_set()
            if self._again and (not fresh or self._random.random() < 0.3):
                return self._again.popleft()
            if not fresh:
                return None
            body = next(self._source)
            self.sent.append(body)
            if self._repeats and self._random.random() < 0.1:
                self._again.append(body)
                body = next(self._source)
                self.sent.append(body)
            return body

    def _post(self, connection: http.client.HTTPConnection, body: bytes) -> int | None:
        headers = {
            "X-Hub-Signature-256": sign(SECRET, body),
            "Content-Type": "application/json",
        }
        try:
            connection.request("POST", PATH, body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return None
        return answer.status

    def _note(self, body: bytes, status: int | None) -> None:
        with self._lock:
            if status is None:
                self.unanswered += 1
            else:
                self.answers[status] += 1
            if status != 200:
                self._again.append(body)
                return
            now = time.monotonic()
            self.silence_s = max(self.silence_s, now - self._last_s)
            self._last_s = now
            self.acknowledged.append(body)
            if self._repeats and not self._ending.is_set() and self._random.random() < 0.1:
                self.repeated += 1
                self._again.append(body)
