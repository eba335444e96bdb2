"""`wharf events explain`: why a message or a conversation is what it is."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

import click
from psycopg import Connection
from psycopg.rows import TupleRow

from events.database import connect
from events.envelope import Position
from projections import projector, versions
from projections.past import NoPast
from read_api.pasts import Cause
from wharf import running
from wharf.cli_keys import as_json
from wharf.explaining import conversation_causes, message_causes
from wharf.settings import Settings

VALUE_LENGTH_MAX = 60

_INBOX: LiteralString = """
select v.schema_name, v.position,
       (select e.recorded_at from log.events e where e.position = v.position)
  from read.active a join read.versions v using (view, version)
 where a.view = 'inbox'
"""
_FIND: LiteralString = """
select m.id, m.conversation_id from messages m
 where m.id::text = %(what)s or m.message_id = %(what)s order by m.id limit 1
"""


@click.command()
@click.argument("what")
@click.option("--conversation", is_flag=True, help="Explain the conversation that it is in.")
@as_json
@click.pass_obj
def explain(settings: Settings, what: str, conversation: bool, json_: bool) -> None:
    """Show which events made a message, and which one last set each of its fields.

    WHAT is a message's id or wamid; the id of a conversation is that of its first message. The
    events are those of the message's own streams, so it takes as long for a large log as for a
    small one.

    \b
    wharf events explain 48121
    wharf events explain wamid.HBgNNTUxMT... --json
    wharf events explain 48121 --conversation
    """
    with running.database(settings) as url, connect(url, "wharf_project") as conn:
        projector.prepare(conn)
        position, at, found = _found(conn, what)
        if found is None or (conversation and found[1] is None):
            raise click.ClickException(f"there is no such message: {what}")
        id_ = found[1] if conversation else found[0]
        try:
            fields, causes = (
                conversation_causes(conn, id_, position, at)
                if conversation
                else message_causes(conn, id_, position)
            )
        except NoPast as error:
            raise click.ClickException(str(error)) from error
    if json_:
        click.echo(json.dumps(_content(id_, position, fields, causes), default=str))
    else:
        click.echo(f"{'conversation' if conversation else 'message'} {id_} at position {position}")
        for line in _told(fields, causes):
            click.echo(line)


def _found(conn: Connection[Any], what: str) -> tuple[Position, datetime, TupleRow | None]:
    with conn.transaction():
        inbox = conn.execute(_INBOX).fetchone()
        if inbox is None:
            raise click.ClickException("no version of inbox is active")
        schema_name, position, at = inbox
        versions.enter(conn, schema_name)
        return position, at, conn.execute(_FIND, {"what": what}).fetchone()


def _told(fields: Mapping[str, object], causes: Sequence[Cause]) -> list[str]:
    lines = ["", "made by"]
    for cause in causes:
        by = f"  by {cause.actor}" if cause.actor else ""
        came = f"  delivery {cause.delivery_id} {cause.pointer}" if cause.delivery_id else ""
        lines.append(
            f"{cause.position:>10}  {cause.recorded_at:%Y-%m-%d %H:%M:%S}  {cause.type}{by}{came}"
        )
    lines += ["", "last set by"]
    setters = {name: cause for cause in causes for name in cause.last_set}
    for name, value in fields.items():
        shown = json.dumps(value, ensure_ascii=False, default=str)
        if len(shown) > VALUE_LENGTH_MAX:
            shown = shown[: VALUE_LENGTH_MAX - 1] + "…"
        lines.append(f"{setters[name].position:>10}  {name} = {shown}")
    return lines


def _content(
    id_: int, position: int, fields: Mapping[str, object], causes: Sequence[Cause]
) -> dict[str, object]:
    setters = {name: cause.position for cause in causes for name in cause.last_set}
    return {
        "id": id_,
        "position": position,
        "events": [cause._asdict() for cause in causes],
        "fields": {name: {"value": fields[name], "position": setters[name]} for name in fields},
    }
