"""Rebuild of each view on a large log: beside one pass by hand, and beside live traffic.

    .venv/bin/python -m bench.rebuild [--events 5000000] [--folder KEPT] [--views inbox,search]
                                      [--alone]

Each view is rebuilt with nobody else there, and the pass by hand runs after it. Then the service
starts, and the view is rebuilt again while somebody asks it every 10 ms and somebody else posts
webhooks. Views that have not had their turn stand still.
"""

import argparse
import os
import tempfile
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple, cast

from psycopg import Connection, sql

from bench import log_filling, service
from bench.plain_views import PLAIN, Plain
from bench.rebuilding import SHARES, Rebuilt, processor, rebuild
from bench.traffic import Reader, Writer
from events.database import connect
from projections import versions
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import apply_schema

# Where a message that was acknowledged has to be found, by view.
FOUND = {
    "inbox": "select message_id from read.messages union select message_id from read.statuses",
    "search": "select message_id from {}.texts",
    "stats": "select message_id from {}.counted_messages",
    "media": "select message_id from {}.media",
}


class Pass(NamedTuple):
    seconds: float
    processor_s: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--folder", type=Path, help="kept; its log is used when there is one")
    parser.add_argument("--alone", action="store_true", help="nothing beside traffic")
    parser.add_argument("--views", default=",".join(each.view.name for each in PLAIN))
    options = parser.parse_args()
    chosen = [each for each in PLAIN if each.view.name in options.views.split(",")]
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)
        url = stack.enter_context(EmbeddedPostgres(folder / "data" / "postgres"))
        apply_schema(url)
        owner = stack.enter_context(connect(url, "wharf_owner"))
        conn = stack.enter_context(log_filling.connect(url))
        if not head(conn):
            log_filling.fill_large(conn, options.events)
        print(f"{head(conn)} events, load {os.getloadavg()[0]:.0f}", flush=True)
        wrong: list[str] = []
        owner.execute("update read.versions set state = 'building' where position = 0")
        for each in chosen:
            wrong += alone(folder, conn, owner, each)
            if options.alone:
                continue
            with service.running(folder, [*service.WHARF, "up"]) as web:
                wrong += beside_traffic(folder, url, conn, web.port, each)
    if wrong:
        raise SystemExit(f"that is not as it should be: {wrong[:10]}")


def alone(folder: Path, conn: Connection[Any], owner: Connection[Any], plain: Plain) -> list[str]:
    """The rebuild and the pass with nobody else there; what they do not agree on."""
    name = plain.view.name
    conn.execute("checkpoint")
    rebuilt = rebuild(folder, conn, name)
    found = figures(owner, active(owner, name), plain)
    versions.retire(owner, plain.view, timedelta(0))
    conn.execute("checkpoint")
    passed = by_hand(owner, plain)
    expected = figures(owner, "plain", plain)
    owner.execute("drop schema plain cascade")
    print(
        f"{name}, alone: {told(rebuilt)}; pass by hand {rebuilt.head / passed.seconds:.0f}/s;"
        f" ratio {passed.seconds / rebuilt.seconds:.2f}, in processor time"
        f" {passed.processor_s / rebuilt.processor_s:.2f}; load {os.getloadavg()[0]:.0f}",
        flush=True,
    )
    return [] if found == expected else [f"{name} has {found}, the pass {expected}"]


def by_hand(owner: Connection[Any], plain: Plain) -> Pass:
    """Tables with their keys, the pass, then the readers' indexes and the statistics."""
    owner.execute("drop schema if exists plain cascade")
    with owner.transaction():
        versions.make_schema(owner, plain.view, "plain")
    pid = owner.info.backend_pid
    before, began = processor(pid), time.perf_counter()
    with owner.transaction():
        versions.enter(owner, "plain")
        owner.execute("set local jit = off")
        owner.execute("set local work_mem = '64MB'")
        for statement in plain.statements:
            owner.execute(statement)
        owner.execute(cast("Any", plain.view.indexes))
    owner.execute("analyze")
    return Pass(time.perf_counter() - began, processor(pid) - before)


def beside_traffic(
    folder: Path, url: str, conn: Connection[Any], port: int, plain: Plain
) -> list[str]:
    """The rebuild while somebody asks and somebody posts; what went wrong."""
    name = plain.view.name
    reader, writer = Reader(url, name), Writer(port)
    for each in (reader, writer):
        each.start()
    rebuilt = rebuild(folder, conn, name)
    # Some answers of the version that was activated, and some webhooks that it alone has seen.
    time.sleep(2)
    for each in (writer, reader):
        each.end()
    missing = wait_for_rows(conn, name, writer)
    print(
        f"{name}, beside traffic: {told(rebuilt)}; load {os.getloadavg()[0]:.0f}\n"
        f"  asked: {reader}\n  posted: {writer}, {missing} not in the view",
        flush=True,
    )
    wrong = [*reader.wrong, *writer.wrong, *[f"{missing} not in {name}"] * bool(missing)]
    if len(reader.versions) < 2:
        wrong.append(f"nobody asked the new version of {name}")
    return wrong


def wait_for_rows(conn: Connection[Any], view: str, writer: Writer) -> int:
    """How many acknowledged items that the view reads are not in it once it has caught up."""
    wanted = {message_id for message_id, status in writer.acknowledged if not status}
    if view in ("inbox", "stats"):
        wanted = {message_id for message_id, _ in writer.acknowledged}
    if view == "media":
        wanted = {
            row[0]
            for row in conn.execute(
                "select data ->> 'message_id' from log.events"
                " where data ->> 'message_id' = any(%s) and data ? 'media'"
                "   and position > (select max(position) from log.events) - %s",
                (list(wanted), 2 * len(writer.acknowledged) + 100),
            )
        }
    while behind(conn, view):
        time.sleep(0.05)
    query = sql.SQL("select count(distinct f.message_id) from ({}) f where f.message_id = any(%s)")
    there = sql.SQL(cast("Any", FOUND[view])).format(sql.Identifier(active(conn, view)))
    row = conn.execute(query.format(there), (list(wanted),)).fetchone()
    assert row is not None  # an aggregate always answers one row
    return len(wanted) - int(row[0])


def behind(conn: Connection[Any], view: str) -> bool:
    row = conn.execute(
        "select v.position < (select max(position) from log.events)"
        "  from read.versions v join read.active a using (view, version) where view = %s",
        (view,),
    ).fetchone()
    return row == (True,)


def active(conn: Connection[Any], view: str) -> str:
    found = versions.active(conn, view)
    assert found is not None  # the schema was applied
    return found.schema_name


def figures(owner: Connection[Any], schema_name: str, plain: Plain) -> tuple[Any, ...] | None:
    with owner.transaction():
        versions.enter(owner, schema_name)
        return owner.execute(plain.figures).fetchone()


def head(conn: Connection[Any]) -> int:
    row = conn.execute("select coalesce(max(position), 0) from log.events").fetchone()
    assert row is not None  # an aggregate always answers one row
    return int(row[0])


def told(rebuilt: Rebuilt) -> str:
    memory = ", ".join(
        f"{ours / 1024:.0f} + {theirs / 1024:.0f} MB at {share:.0%}"
        for share, (ours, theirs) in sorted(rebuilt.memory_kb.items())
        if share in SHARES
    )
    return (
        f"{rebuilt.head / rebuilt.seconds:.0f} events/s ({rebuilt.seconds:.0f} s,"
        f" {rebuilt.processor_s:.0f} s of a core), memory of process and session {memory}"
    )


if __name__ == "__main__":
    main()
