"""kill -9 of the web process under load, with a ledger of what was acknowledged.

    .venv/bin/python -m bench.kills [--kills 20] [--control-kills 5]

Half of the kills come alone, half while PostgreSQL is frozen, which is when an acknowledgement
that came too early has nothing behind it. The same faults then hit a variant that answers before
the commit: if that loses nothing, the bench proves nothing.
"""

import argparse
import asyncio
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import psycopg
from typing_extensions import override

from bench import service
from bench.lag import lag_events
from bench.ledger import Ledger
from wharf.postgres.supervisor import EmbeddedPostgres

LOAD_S = (0.3, 1.2)
FROZEN_S = 0.4

Item = tuple[str, str]


class Account(NamedTuple):
    """What became of the acknowledged items; `twice` counts items with more than one event."""

    kills: int
    sent: int
    refused: int
    acknowledged: int
    lost: int
    lost_in_view: int
    twice: int

    @override
    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.sent} sent, {self.acknowledged} acknowledged,"
            f" {self.refused} refused: {self.lost} lost, {self.lost_in_view} not in the inbox,"
            f" {self.twice} twice"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--control-kills", type=int, default=5)
    options = parser.parse_args()
    ours = run(service.WHARF, options.kills, seed=1)
    print(f"wharf:    {ours}")
    control = run(["-m", "bench.answers_early"], options.control_kills, seed=2)
    print(f"control:  {control}")
    if ours.lost or ours.lost_in_view or ours.twice:
        raise SystemExit("an acknowledged webhook is missing or doubled")
    if not control.lost:
        raise SystemExit("the control lost nothing: this run proves nothing")


def run(program: Sequence[str], kills: int, seed: int) -> Account:
    with tempfile.TemporaryDirectory(prefix="wharf-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        # A share of the server that outlives the web process.
        with EmbeddedPostgres(folder / "data" / "postgres") as url:
            return kill_often(folder, url, [*program, "up"], kills, Random(seed), seed)


def kill_often(
    folder: Path, url: str, program: Sequence[str], kills: int, random: Random, seed: int
) -> Account:
    ledger = Ledger(seed)
    for number in range(kills):
        with service.running(folder, program) as web:
            asyncio.run(load_and_kill(folder, web, ledger, random, freeze=number % 2 == 1))
    with (
        service.running(folder, program),
        psycopg.connect(url, autocommit=True) as conn,
    ):
        while lag_events(conn):
            time.sleep(0.05)
        acknowledged = Counter(ledger.acknowledged)
        in_log, in_view = stored(conn), visible(conn)
        return Account(
            kills,
            ledger.sent,
            ledger.refused,
            len(acknowledged),
            sum(1 for item in acknowledged if item not in in_log),
            sum(1 for item in acknowledged if item not in in_view),
            sum(1 for count in in_log.values() if count > 1),
        )


async def load_and_kill(
    folder: Path, web: service.Service, ledger: Ledger, random: Random, *, freeze: bool
) -> None:
    posting = asyncio.create_task(ledger.post_until_it_dies(web.port))
    await asyncio.sleep(random.uniform(*LOAD_S))
    if freeze:
        with frozen(folder):
            await asyncio.sleep(FROZEN_S)
            web.process.kill()
            await posting
    else:
        web.process.kill()
        await posting


@contextmanager
def frozen(folder: Path) -> Iterator[None]:
    """Every process of the folder's PostgreSQL stands still meanwhile."""
    first_line = (folder / "data" / "postgres" / "data" / "postmaster.pid").read_text().split("\n")
    postmaster = int(first_line[0])
    servers = [postmaster, *children(postmaster)]
    for pid in servers:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in servers:
            os.kill(pid, signal.SIGCONT)


def children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


def stored(conn: psycopg.Connection[Any]) -> Counter[Item]:
    rows = conn.execute(
        "select data ->> 'message_id', coalesce(data ->> 'status', ''), count(*)"
        "  from log.events where type in ('MessageReceived', 'StatusChanged') group by 1, 2"
    )
    return Counter({(message_id, status): count for message_id, status, count in rows})


def visible(conn: psycopg.Connection[Any]) -> set[Item]:
    rows = conn.execute(
        "select message_id, '' from read.messages where message_type is not null"
        " union all select message_id, status from read.statuses"
    )
    return {(message_id, status) for message_id, status in rows}


if __name__ == "__main__":
    main()
