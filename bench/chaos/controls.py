"""Faulty installations: a bench that does not see what they lose would see nothing anywhere."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench.chaos.account import lost
from bench.chaos.load import Load
from bench.chaos.processes import eventually
from bench.chaos.run import HOST, PORTS, Installation

ENOUGH = 50
TIMES = 4
_WAITING = """
select from pg_locks where relation = 'log.append_lock'::regclass and not granted
"""
_END_WAITING = """
create temporary table ended on commit drop as
select pid, pg_terminate_backend(pid)
  from pg_locks where relation = 'log.append_lock'::regclass and not granted
"""
_ENDED = """
select where not exists (select from ended join pg_locks using (pid))
"""


def more_is_acknowledged(load: Load) -> None:
    seen = len(load.acknowledged)
    eventually(lambda: len(load.acknowledged) > seen + ENOUGH, "acknowledgements")


def kill_webs_of_a_frozen_database(installation: Installation, load: Load) -> None:
    with installation.database.frozen():
        more_is_acknowledged(load)
        for web in installation.webs:
            web.kill()


def end_sessions_that_append(installation: Installation, load: Load) -> None:
    with psycopg.connect(installation.url) as holder:
        holder.execute("lock table log.append_lock in exclusive mode")
        eventually(lambda: holder.execute(_WAITING).fetchone() is not None, "an append")
        # Were its connection cut alone, it would append as soon as it has the lock.
        holder.execute(_END_WAITING)
        eventually(lambda: holder.execute(_ENDED).fetchone() is not None, "the end of its session")


def kill_database_that_owes(installation: Installation, load: Load) -> None:
    """A projector's step ends with tables dropped, and such a commit writes everything owed."""
    first, second = installation.workers
    with first.frozen(), second.frozen():
        installation.database.kill_owing(lambda: more_is_acknowledged(load))


class Control(NamedTuple):
    """What is wrong with it, and the fault under which it shows."""

    name: str
    variant: str | None
    settings: dict[str, str]
    befall: Callable[[Installation, Load], None]


CONTROLS = (
    Control("answers before the commit", "answers-early", {}, kill_webs_of_a_frozen_database),
    Control("swallows an error of the database", "swallows", {}, end_sessions_that_append),
    Control("commits asynchronously", None, {"synchronous_commit": "off"}, kill_database_that_owes),
)


def losses(control: Control) -> int:
    """How many acknowledged deliveries are missing after at most so many of its faults."""
    with tempfile.TemporaryDirectory(prefix="wharf-chaos-") as name, ExitStack() as stack:
        installation = Installation(Path(name), stack, control.variant, control.settings)
        for seed in range(TIMES):
            load = Load(seed, HOST, PORTS, repeats=False)
            load.start()
            more_is_acknowledged(load)
            control.befall(installation, load)
            load.end()
            eventually(installation.ready, "readiness")
            found = lost(installation.url, load)
            if found:
                return found
    return 0
