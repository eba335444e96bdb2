"""What became of all that was sent, and whether the views are what they should be."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from typing_extensions import override

from bench.chaos.load import Load
from bench.kills import stored, visible
from bench.ledger import items
from projections.catalogue import VIEWS
from projections.verify import verify
from tests.projections.log import Projected, without_arrival
from tests.write_side.posting import running
from wharf.schema import apply_schema

CLEAN = "in_order"


class Account(NamedTuple):
    """The figures of a run; all from `lost` on have to be nought."""

    acknowledged: int
    retried: int
    repeated: int
    silence_s: float
    lost: int
    lost_in_view: int
    twice: int
    altered: int
    unlike_replay: int
    unlike_in_order: int
    odd_answers: int
    ended_badly: int

    @property
    def faultless(self) -> bool:
        return not any(self[4:])

    @override
    def __str__(self) -> str:
        figures = self._asdict() | {"silence_s": round(self.silence_s, 1)}
        return ", ".join(f"{name} {value}" for name, value in figures.items())


def lost(url: str, load: Load) -> int:
    """How many acknowledged deliveries the log does not have, byte for byte."""
    with psycopg.connect(url) as conn:
        there = {bytes(row[0]) for row in conn.execute("select body from log.deliveries")}
    return len([body for body in set(load.acknowledged) if body not in there])


def account(url: str, load: Load, ended_badly: int) -> Account:
    """When everything has been acknowledged and the views have caught up."""
    with psycopg.connect(url) as conn:
        in_log, in_view = stored(conn), visible(conn)
        bodies = Counter(bytes(row[0]) for row in conn.execute("select body from log.deliveries"))
    acknowledged = {item for body in load.acknowledged for item in items(body)}
    return Account(
        len(set(load.acknowledged)),
        load.unanswered + sum(load.answers.values()) - load.answers[200],
        load.repeated,
        load.silence_s,
        lost(url, load),
        len(acknowledged - in_view),
        sum(1 for count in in_log.values() if count > 1),
        len(set(bodies) - set(load.sent)) + sum(1 for count in bodies.values() if count > 1),
        sum(len(verify(url, view).differences) for view in VIEWS.values()),
        unlike_in_order(url, load.sent),
        sum(count for status, count in load.answers.items() if status not in (200, 503)),
        ended_badly,
    )


def unlike_in_order(url: str, sent: Sequence[bytes]) -> int:
    """How many rows of the inbox differ from those of a run in which nothing ever failed."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(sql.SQL("create database {}").format(sql.Identifier(CLEAN)))
    clean = make_conninfo(url, dbname=CLEAN)
    apply_schema(clean)
    asyncio.run(store(clean, sent))
    ours, theirs = shown(url), shown(clean)
    return sum(len(set(ours[table]) ^ set(theirs[table])) for table in ours)


async def store(url: str, sent: Sequence[bytes]) -> None:
    async with running(url) as intake:
        for body in sent:
            await intake.store(body, "sha256=", "secret")


def shown(url: str) -> dict[str, list[tuple[Any, ...]]]:
    projected = Projected(url)
    with projected.conn:
        projected.catch_up()
        return without_arrival(projected.dump())
