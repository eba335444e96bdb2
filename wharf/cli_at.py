"""`wharf projections at`: a view as it was."""

import re
from datetime import datetime
from typing import Any

import click
from psycopg import Connection

from events.database import connect
from events.envelope import Position
from events.read import head_of, position_at
from projections.catalogue import VIEWS
from projections.replay import SchemaTaken, build_past, drop_past, pasts
from wharf import running
from wharf.settings import Settings


@click.command()
@click.argument("view", type=click.Choice(sorted(VIEWS)), required=False)
@click.option("--until", help="A position, or a time with its offset (2026-11-22T10:00:00Z).")
@click.option("--schema", "schema_name", help="Where to; VIEW_at_POSITION unless told.")
@click.option("--drop", help="Drop one of them, by its schema.")
@click.pass_obj
def at(
    settings: Settings,
    view: str | None,
    until: str | None,
    schema_name: str | None,
    drop: str | None,
) -> None:
    """Build a view as it was at a position or a time, in a schema to look at with psql.

    Without a view it lists those that there are.
    """
    if (view is None) != (until is None) or (view and drop):
        raise click.UsageError("give a view and --until, or --drop SCHEMA, or nothing for a list")
    with running.database(settings) as url, connect(url, "wharf_owner") as conn:
        if drop is not None:
            if not drop_past(conn, drop):
                raise click.ClickException(f"{drop} is no view as of a position")
            click.echo(f"{drop} is dropped")
        elif view is None or until is None:
            for each in pasts(conn):
                click.echo(f"{each.schema_name}: {each.view} as of position {each.position}")
        else:
            position = position_of(conn, until)
            name = schema_name or f"{view}_at_{position}"
            try:
                past = build_past(url, VIEWS[view], position, name)
            except SchemaTaken as error:
                raise click.ClickException(str(error)) from error
            click.echo(f"{view} as of position {past.position} is in the schema {name}")


def position_of(conn: Connection[Any], until: str) -> Position:
    """The position that a text names, as a number or a time; not beyond the head."""
    head = head_of(conn)
    if re.fullmatch(r"[0-9]{1,18}", until):
        position = Position(int(until))
        if position > head:
            raise click.ClickException(f"the log ends at position {head}")
        return position
    try:
        moment = datetime.fromisoformat(until)
    except ValueError as error:
        raise click.BadParameter("neither a position nor a time", param_hint="--until") from error
    if moment.tzinfo is None:
        raise click.BadParameter("the time needs its offset, as ...Z", param_hint="--until")
    return position_at(conn, moment)
