"""`wharf events`: work on the log itself."""

import asyncio
import json
from dataclasses import asdict

import click

from events.database import LOCK_TIMEOUT_MS, connect_async
from events.envelope import Position
from wharf import running
from wharf.cli_explain import explain
from wharf.cli_keys import as_json
from wharf.cli_log import COMMANDS
from wharf.settings import Settings
from write_side.retranslate import Retranslation, retranslate


@click.group()
def events() -> None:
    """The log: what was received, and what is made of it."""


@events.command("retranslate")
@click.option(
    "--after",
    type=click.IntRange(min=0),
    default=0,
    help="Go on behind this position, where a run was broken off.",
)
@as_json
@click.pass_obj
def events_retranslate(settings: Settings, after: int, json_: bool) -> None:
    """Translate again what an earlier release did not understand.

    Adds the events that stored items never had. It may run beside the service, be broken off and
    be run again: what is there already is not added twice.
    """

    async def run(url: str) -> Retranslation:
        conn = await connect_async(url, "wharf_write", lock_timeout_ms=LOCK_TIMEOUT_MS)
        async with conn:
            return await retranslate(conn, after=Position(after), on_progress=show)

    def show(run: Retranslation) -> None:
        if not json_:
            click.echo(f"position {run.position}: {run.appended} events added", err=True)

    with running.database(settings) as url:
        done = asyncio.run(run(url))
    if json_:
        click.echo(json.dumps(asdict(done)))
        return
    left = done.leftovers - done.settled
    click.echo(
        f"{done.appended} events added; of {done.leftovers} items that were not understood,"
        f" {done.settled} are now and {left} are not"
    )
    if done.refused:
        raise click.ClickException(f"the database refuses what {done.refused} items have become")


for command in (*COMMANDS, explain):
    events.add_command(command)
