"""`wharf events tail|show|export|import|check`: looking at the log, and carrying it elsewhere."""

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, LiteralString

import click
import psycopg
from psycopg import Connection
from psycopg.rows import dict_row

from events import transfer
from events.catalogue import CATALOGUE
from events.checking import check
from events.database import connect
from events.read import head_of
from wharf import running
from wharf.cli_keys import as_json
from wharf.settings import Settings
from wharf.whole_file import whole_file

FOLLOW_PAUSE_S = 0.2
PAGE = 500

_TAIL: LiteralString = """
select position, recorded_at, occurred_at, type, version, stream, delivery_id, pointer, actor,
       causation, data
  from log.current
 where position > %(after)s
   and (%(type)s::text is null or type = %(type)s)
   and (%(stream)s::text is null or stream = %(stream)s)
 order by position
 limit %(limit)s
"""
# From the end where no place is given: the last few that fit.
_LAST: LiteralString = """
select coalesce(min(position), 1) - 1
  from (select position from log.events
         where (%(type)s::text is null or type = %(type)s)
           and (%(stream)s::text is null or stream = %(stream)s)
         order by position desc
         limit %(limit)s) last
"""


@click.command()
@click.option("--follow", "-f", is_flag=True, help="Go on as events come, until Ctrl-C.")
@click.option(
    "--type",
    "type_",
    type=click.Choice(sorted(CATALOGUE)),
    metavar="TYPE",
    help="Only events of this type.",
)
@click.option("--stream", help="Only events of this stream.")
@click.option("--from", "from_", type=click.IntRange(min=1), help="From this position on.")
@click.option("--limit", type=click.IntRange(min=1), default=20, help="So many at most, or last.")
@as_json
@click.pass_obj
def tail(
    settings: Settings,
    follow: bool,
    type_: str | None,
    stream: str | None,
    from_: int | None,
    limit: int,
    json_: bool,
) -> None:
    """Show the log's last events, or those from a position on."""
    chosen = {"type": type_, "stream": stream, "limit": limit}
    with _reading(settings) as conn, contextlib.suppress(KeyboardInterrupt):
        after = from_ - 1 if from_ else _first(conn, _LAST, chosen)
        for row in _events(conn, chosen, after, follow):
            click.echo(_told(row, json_))


def _events(
    conn: Connection[Any], chosen: dict[str, Any], after: int, follow: bool
) -> Iterator[dict[str, Any]]:
    left = chosen["limit"]
    while True:
        head = head_of(conn)
        limit = PAGE if follow else min(left, PAGE)
        with conn.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(_TAIL, {**chosen, "after": after, "limit": limit}).fetchall()
        yield from rows
        left -= len(rows)
        if rows:
            after = rows[-1]["position"]
        if follow and len(rows) < limit:
            # What does not fit need not be looked at again.
            after = max(after, head)
            time.sleep(FOLLOW_PAUSE_S)
        elif not follow and (left <= 0 or len(rows) < limit):
            return


@click.command()
@click.argument("position", type=click.IntRange(min=1))
@click.pass_obj
def show(settings: Settings, position: int) -> None:
    """Show one event with everything that it holds, as JSON."""
    chosen = {"type": None, "stream": None, "limit": 1, "after": position - 1}
    with _reading(settings) as conn, conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_TAIL, chosen).fetchone()
    if row is None or row["position"] != position:
        raise click.ClickException(f"there is no event at position {position}")
    click.echo(json.dumps(row, indent=2, ensure_ascii=False, default=str))


@click.command("export")
@click.option("--jsonl", is_flag=True, required=True, help="As JSON lines; there is no other way.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="Standard output unless told."
)
@click.pass_obj
def export_(settings: Settings, jsonl: bool, output: Path | None) -> None:
    """Write the whole log, with the bodies of all deliveries: personal data, all of it."""
    with _reading(settings) as conn:
        if output is None:
            for line in transfer.export(conn):
                sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            return
        with whole_file(output) as file:
            last = b""
            for line in transfer.export(conn):
                file.write(line)
                last = line
    manifest = json.loads(last)["manifest"]
    click.echo(f"{manifest['events']} events and {manifest['deliveries']} deliveries", err=True)


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.pass_obj
def import_(settings: Settings, file: BinaryIO) -> None:
    """Put an export into an empty log, with the positions it had; `-` is standard input."""
    with running.database(settings) as url, connect(url, "wharf_owner") as conn:
        try:
            manifest = transfer.import_log(conn, file)
        except (transfer.NotAnExport, transfer.LogNotEmpty) as error:
            raise click.ClickException(f"nothing was imported: {error}") from error
        conn.execute("analyze")
    click.echo(f"{manifest.events} events and {manifest.deliveries} deliveries are in the log")


@click.command("check")
@as_json
@click.pass_obj
def check_(settings: Settings, json_: bool) -> None:
    """Prove dense positions, unique keys and the SHA-256 of every body; exit code 1 if not so."""
    with _reading(settings) as conn:
        checked = check(conn)
    if json_:
        laws = [law._asdict() for law in checked.laws]
        click.echo(json.dumps({**checked._asdict(), "laws": laws, "sound": checked.sound}))
    else:
        for law in checked.laws:
            told = f"BROKEN {law.broken}x, first at {law.example}" if law.broken else "holds"
            click.echo(f"{law.law}: {told}")
        click.echo(f"{checked.events} events, {checked.deliveries} deliveries")
    if not checked.sound:
        raise click.ClickException("the log is not what it has to be")


def _told(row: dict[str, Any], json_: bool) -> str:
    if json_:
        return json.dumps(row, ensure_ascii=False, default=str)
    data = {key: value for key, value in row["data"].items() if key != "raw"}
    return (
        f"{row['position']:>8}  {row['recorded_at']:%Y-%m-%d %H:%M:%S}  {row['type']:<24}"
        f"  {row['stream']}  {json.dumps(data, ensure_ascii=False)}"
    )


def _first(conn: Connection[Any], statement: LiteralString, values: dict[str, Any]) -> int:
    row = conn.execute(statement, values).fetchone()
    assert row is not None  # an aggregate always answers one row
    return int(row[0])


@contextlib.contextmanager
def _reading(settings: Settings) -> Iterator[Connection[Any]]:
    with running.database(settings) as url, connect(url, "wharf_write") as conn:
        try:
            yield conn
        except psycopg.DatabaseError as error:
            # An event of a version that the upcaster does not know.
            if not (error.sqlstate or "").startswith("WH"):
                raise
            raise click.ClickException(str(error).splitlines()[0]) from error


COMMANDS = (tail, show, export_, import_, check_)
