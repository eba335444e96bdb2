"""A web process that may have 256 MiB, under the largest deliveries; root alone can try it.

    sudo .venv/bin/python -m bench.chaos.memory_limit [--seconds 60] [--mib 256]

64 connections post signed bodies of just under 3 MiB, and for half of the time the database stands
still. The process has to live, in a memory cgroup that would kill it, and to answer 200 or 503.
"""

import argparse
import http.client
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bench import generator, service
from bench.chaos.processes import Server
from bench.ledger import items
from bench.load import PATH
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import apply_schema
from write_side.signature import sign

GROUPS = Path("/sys/fs/cgroup/memory")
CONNECTIONS = 64
BODY_BYTES = 2_900_000
ITEMS = 20
ANSWER_S = 120.0


class Senders:
    """Each body is another one, and what was not acknowledged is sent again."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._numbers = count()
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run) for _ in range(CONNECTIONS)]
        self.answers: Counter[int] = Counter()
        self.took_s: list[float] = []
        self.unanswered: list[str] = []
        self.acknowledged: set[str] = set()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_S)
        while not self._end.is_set():
            body = large(next(self._numbers))
            headers = {"X-Hub-Signature-256": sign(service.SECRET, body)}
            began = time.monotonic()
            try:
                connection.request("POST", PATH, body, headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                with self._lock:
                    self.unanswered.append(repr(error))
                continue
            with self._lock:
                self.answers[answer.status] += 1
                self.took_s.append(time.monotonic() - began)
                if answer.status == 200:
                    self.acknowledged.update(item for item, _ in items(body))
            if answer.status != 200:
                time.sleep(0.2)
        connection.close()


def large(number: int) -> bytes:
    """A delivery of some messages with long texts."""
    text = "many words " * (BODY_BYTES // ITEMS // 11)
    messages = [
        {
            "id": f"wamid.large{number:09d}x{item}",
            "timestamp": str(generator.NOON + number),
            "from": "5511900000000",
            "type": "text",
            "text": {"body": text},
        }
        for item in range(ITEMS)
    ]
    return generator.body(generator.NUMBERS[0], {"messages": messages})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--mib", type=int, default=256)
    options = parser.parse_args()
    if os.geteuid() != 0 or not (GROUPS / "memory.limit_in_bytes").exists():
        raise SystemExit(f"only root, and with memory cgroups in {GROUPS}")
    with tempfile.TemporaryDirectory(prefix="wharf-chaos-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        postgres = folder / "data" / "postgres"
        with EmbeddedPostgres(postgres) as url, limited(options.mib) as group:
            apply_schema(url)
            # In the group before it is Python, so that all it has counts.
            command = [sys.executable, *service.WHARF, "up"]
            told = f"echo $$ > {group}/cgroup.procs && exec " + " ".join(
                f"'{part}'" for part in command
            )
            parts = conninfo_to_dict(url)
            address = f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}"
            settings = {"DATABASE_URL": address}
            with service.running(folder, ["-c", told], python="/bin/sh", settings=settings) as web:
                senders = Senders(web.port)
                senders.start()
                time.sleep(options.seconds / 4)
                with Server(postgres).frozen():
                    time.sleep(options.seconds / 2)
                time.sleep(options.seconds / 4)
                senders.end()
                died = web.process.poll()
                peak = int((group / "memory.max_usage_in_bytes").read_text()) / 1024 / 1024
            with psycopg.connect(url) as conn:
                there = {
                    row[0] for row in conn.execute("select data ->> 'message_id' from log.events")
                }
    report(senders, died, peak, options.mib, len(senders.acknowledged - there))


def report(senders: Senders, died: int | None, peak: float, mib: int, lost: int) -> None:
    told = ", ".join(f"{number} x {status}" for status, number in sorted(senders.answers.items()))
    print(
        f"{told}, {len(senders.unanswered)} without an answer {Counter(senders.unanswered)};"
        f" longest answer {max(senders.took_s):.1f} s; {lost} of"
        f" {len(senders.acknowledged)} acknowledged messages lost; peak {peak:.0f} of {mib} MiB;"
        f" the process {'lives' if died is None else f'ended with {died}'}"
    )
    if died is not None or lost or set(senders.answers) - {200, 503} or senders.unanswered:
        raise SystemExit("that is not as it should be")


@contextmanager
def limited(mib: int) -> Iterator[Path]:
    """A memory cgroup of so much; who takes more in it is killed."""
    group = GROUPS / f"wharf-bench-{os.getpid()}"
    group.mkdir()
    try:
        (group / "memory.limit_in_bytes").write_text(str(mib * 1024 * 1024))
        yield group
    finally:
        # Whoever was in it has ended.
        group.rmdir()


if __name__ == "__main__":
    main()
