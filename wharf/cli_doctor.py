"""`wharf doctor`: what is wrong, and what to do."""

import json
import sys

import click

from events.errors import SchemaMismatch
from wharf import running
from wharf.cli_keys import as_json
from wharf.doctor.database import look_at_database
from wharf.doctor.findings import Finding, wrong
from wharf.doctor.machine import look_at_machine
from wharf.doctor.pooler import look_at_pooler
from wharf.settings import Settings

_MARKS = {"ok": "  ok   ", "note": "  note ", "wrong": "  WRONG"}


@click.command()
@as_json
@click.pass_obj
def doctor(settings: Settings, json_: bool) -> None:
    """Look at everything and say what is wrong and what to do; exit code 1 if something is."""
    found = [*look_at_machine(settings), *_database(settings)]
    if settings.pooler_url is not None:
        found += look_at_pooler(settings.pooler_url)
    if json_:
        click.echo(json.dumps([each._asdict() for each in found]))
    else:
        for each in found:
            click.echo(f"{_MARKS[each.state]}  {each.about}: {each.told}")
            if each.todo:
                click.echo(f"           -> {each.todo}")
    sys.exit(1 if any(each.state == "wrong" for each in found) else 0)


def _database(settings: Settings) -> list[Finding]:
    if settings.database_url is not None:
        return list(look_at_database(settings.database_url))
    try:
        with running.database(settings) as url:
            return list(look_at_database(url))
    except SchemaMismatch as error:
        return [wrong("schema", str(error), "run the newer release")]
