"""Somebody who asks a view all the time, and somebody who posts webhooks all the time."""

import asyncio
import http.client
import threading
import time
from statistics import quantiles
from typing import Any, LiteralString

import psycopg
from typing_extensions import override

from bench import generator
from bench.ledger import items
from bench.load import PATH
from bench.service import SECRET
from events.database import reading_pool
from read_api.errors import StoreUnavailable
from read_api.reading import Query, Reading
from write_side.signature import sign

ASK_EVERY_S = 0.01
POST_EVERY_S = 0.05
ANSWER_S = 30.0
WRITER_SEED = 9_000
# Later than everything in a filled log, and long past: its messages are the newest.
WRITER_NOON = generator.NOON + 30 * 86_400

# A row for each view that can only grow while webhooks come in; half a view has less of it.
QUESTIONS: dict[str, LiteralString] = {
    "inbox": """
select (select sum(c.message_count) from conversations c)::bigint as incoming,
       (select count(*) from conversations) as conversations,
       (select max(m.id) from messages m) as newest
""",
    "media": """
select (select max(m.asked) from media m where m.state = 'pending') as newest,
       -(select min(m.asked) from media m where m.state = 'pending') as oldest
""",
    "search": """
select (select t.sorted_at from texts t order by t.sorted_at desc, t.id desc limit 1) as newest,
       -(select t.id from texts t order by t.sorted_at, t.id limit 1) as oldest
""",
    "stats": """
select (select sum(c.messages) from message_counts c)::bigint as messages
""",
}


class Reader(threading.Thread):
    """Asks one view by the read API's own way, every 10 ms or as soon as it has its answer."""

    def __init__(self, url: str, view: str) -> None:
        super().__init__(daemon=True)
        self._url, self._view = url, view
        self._end = threading.Event()
        self.versions: list[int] = []
        self.took_s: list[float] = []
        self.wrong: list[str] = []

    @override
    def run(self) -> None:
        asyncio.run(self._ask_always())

    def end(self) -> None:
        self._end.set()
        self.join()

    async def _ask_always(self) -> None:
        query = [Query(QUESTIONS[self._view], {})]
        position, before = 0, dict[str, Any]()
        async with reading_pool(self._url, size_max=1) as pool:
            reading = Reading(pool, b"of the bench", self._view)
            while not self._end.is_set():
                began = time.monotonic()
                try:
                    answers = await reading.read(query)
                except (StoreUnavailable, psycopg.Error) as error:
                    self.wrong.append(repr(error))
                    continue
                self.took_s.append(time.monotonic() - began)
                row = answers.rows[0][0]
                if answers.position < position:
                    self.wrong.append(f"position {answers.position} after {position}")
                self.wrong += [
                    f"{name} {value} after {before.get(name)}, version {answers.version}"
                    for name, value in row.items()
                    if value is None or (name in before and value < before[name])
                ]
                if answers.version not in self.versions:
                    self.versions.append(answers.version)
                position, before = answers.position, row
                await asyncio.sleep(max(0.0, began + ASK_EVERY_S - time.monotonic()))

    @override
    def __str__(self) -> str:
        return (
            f"{len(self.took_s)} answers ({told(self.took_s)}) of versions {self.versions},"
            f" {len(self.wrong)} of them wrong"
        )


class Writer(threading.Thread):
    """Posts signed webhooks, each until it is acknowledged."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._end = threading.Event()
        self.acknowledged: list[tuple[str, str]] = []
        self.took_s: list[float] = []
        self.refused = 0
        self.wrong: list[str] = []

    @override
    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_S)
        for body in generator.deliveries(WRITER_SEED, noon=WRITER_NOON):
            while not self._end.is_set() and not self._post(connection, body):
                pass
            if self._end.wait(POST_EVERY_S):
                break
        connection.close()

    def end(self) -> None:
        self._end.set()
        self.join()

    def _post(self, connection: http.client.HTTPConnection, body: bytes) -> bool:
        headers = {"X-Hub-Signature-256": sign(SECRET, body), "Content-Type": "application/json"}
        began = time.monotonic()
        try:
            connection.request("POST", PATH, body, headers)
            status = connection.getresponse()
            status.read()
        except (OSError, http.client.HTTPException) as error:
            self.wrong.append(repr(error))
            connection.close()
            return False
        if status.status == 200:
            self.took_s.append(time.monotonic() - began)
            self.acknowledged += items(body)
            return True
        self.refused += 1
        if status.status != 503:
            self.wrong.append(f"answered {status.status}")
        return False

    @override
    def __str__(self) -> str:
        return (
            f"{len(self.acknowledged)} acknowledged ({told(self.took_s)}),"
            f" {self.refused} x 503, {len(self.wrong)} wrong answers"
        )


def told(took_s: list[float]) -> str:
    if len(took_s) < 2:
        return "too few to tell"
    cuts = quantiles(took_s, n=100)
    return (
        f"p50 {cuts[49] * 1e3:.1f} ms, p99 {cuts[98] * 1e3:.1f} ms, max {max(took_s) * 1e3:.0f} ms"
    )
