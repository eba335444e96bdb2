"""Catch-up and rebuild of the inbox, beside one set-based pass by hand over the same events.

.venv/bin/python -m bench.catchup [--events 200000] [--rounds 3]
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, cast

from psycopg import Connection, sql

from bench import log_filling, plain_pass
from events.database import connect
from projections import projector, versions
from projections.inbox.view import INBOX
from projections.rebuild import rebuild
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import apply_schema

Counts = tuple[int, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wharf-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with EmbeddedPostgres(folder / "postgres") as url:
            measure(url, options.events, options.rounds)


def measure(url: str, events: int, rounds: int) -> None:
    apply_schema(url)
    expected: Counts | None = None
    seconds: dict[str, list[float]] = {"plain": [], "catch-up": [], "built": [], "rebuild": []}
    with log_filling.connect(url) as superuser, connect(url, "wharf_owner") as owner:
        log_filling.fill(superuser, events)
        for round_ in range(1, rounds + 1):
            superuser.execute("checkpoint")
            plain, expected = plain_with_indexes(owner)
            superuser.execute("checkpoint")
            caught, found = caught_up(url, owner)
            superuser.execute("checkpoint")
            built, _ = plain_then_indexes(owner)
            superuser.execute("checkpoint")
            rebuilt, again = rebuilt_view(url, owner)
            for kind, each in zip(seconds, (plain, caught, built, rebuilt), strict=True):
                seconds[kind].append(each)
            if not expected == found == again:
                raise SystemExit(f"they differ: {expected}, {found}, {again}")
            print(
                f"round {round_}: plain pass {events / plain:.0f}/s,"
                f" catch-up {events / caught:.0f}/s (ratio {plain / caught:.3f});"
                f" plain pass and indexes afterwards {events / built:.0f}/s,"
                f" rebuild {events / rebuilt:.0f}/s"
                f" (ratio {built / rebuilt:.3f})",
                flush=True,
            )
    assert expected is not None  # there is at least one round
    print(
        f"\nthe same from each: {expected[0]} messages, {expected[1]} statuses,"
        f" {expected[2]} conversations, {expected[3]} unread\nmedians: "
        + ", ".join(f"{kind} {events / median(each):.0f}/s" for kind, each in seconds.items())
        + f"\ncatch-up / plain pass                     {ratio(seconds, 'plain', 'catch-up')}"
        + f"\nrebuild / plain pass, indexes afterwards  {ratio(seconds, 'built', 'rebuild')}"
    )


def ratio(seconds: dict[str, list[float]], floor: str, ours: str) -> str:
    ratios = [a / b for a, b in zip(seconds[floor], seconds[ours], strict=True)]
    return f"{median(ratios):.3f}  ({min(ratios):.3f} to {max(ratios):.3f})"


def plain_with_indexes(owner: Connection[Any]) -> tuple[float, Counts]:
    """The pass into empty tables whose indexes are there, as catch-up finds them."""
    scratch(owner)
    begun = time.perf_counter()
    with owner.transaction():
        versions.enter(owner, "plain")
        owner.execute(cast("Any", INBOX.indexes))
        run_pass(owner)
    return time.perf_counter() - begun, counts(owner, "plain")


def plain_then_indexes(owner: Connection[Any]) -> tuple[float, Counts]:
    """The pass, then the readers' indexes and the statistics, as a rebuild has it."""
    scratch(owner)
    begun = time.perf_counter()
    with owner.transaction():
        versions.enter(owner, "plain")
        run_pass(owner)
        owner.execute(cast("Any", INBOX.indexes))
    owner.execute("analyze")
    return time.perf_counter() - begun, counts(owner, "plain")


def run_pass(owner: Connection[Any]) -> None:
    owner.execute("set local jit = off")
    owner.execute("set local work_mem = '64MB'")
    for statement in plain_pass.PASS:
        owner.execute(statement)


def scratch(owner: Connection[Any]) -> None:
    owner.execute("drop schema if exists plain cascade")
    with owner.transaction():
        versions.make_schema(owner, INBOX, "plain")


def caught_up(url: str, owner: Connection[Any]) -> tuple[float, Counts]:
    """A fresh version with all its indexes, caught up as a worker does."""
    version = versions.create(owner, INBOX)
    versions.finish(owner, INBOX, version)
    with projector.connect_projector(url) as conn:
        begun = time.perf_counter()
        projector.catch_up(conn, INBOX, version.version)
        seconds = time.perf_counter() - begun
    found = counts(owner, version.schema_name)
    versions.drop(owner, version)
    return seconds, found


def rebuilt_view(url: str, owner: Connection[Any]) -> tuple[float, Counts]:
    begun = time.perf_counter()
    version = rebuild(url, INBOX)
    seconds = time.perf_counter() - begun
    found = counts(owner, version.schema_name)
    for old in versions.versions(owner, INBOX.name):
        if old.version != version.version:
            versions.drop(owner, old)
    return seconds, found


def counts(owner: Connection[Any], schema_name: str) -> Counts:
    with owner.transaction():
        owner.execute(sql.SQL("set local search_path = {}").format(sql.Identifier(schema_name)))
        row = owner.execute(plain_pass.FIGURES).fetchone()
    assert row is not None  # one row of aggregates
    return tuple(row)


if __name__ == "__main__":
    main()
