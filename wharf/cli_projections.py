"""`wharf projections`: how far the views are, building them again, proving them right."""

import json
from datetime import timedelta

import click

from events.database import connect
from projections import status as statuses
from projections.catalogue import VIEWS
from projections.rebuild import rebuild
from projections.verify import Difference, verify
from projections.versions import retire
from wharf import running
from wharf.cli_keys import as_json
from wharf.settings import Settings

view_name = click.argument("view", type=click.Choice(sorted(VIEWS)))


@click.group()
def projections() -> None:
    """The views: how far they are, building them again, proving them right."""


@projections.command("status")
@as_json
@click.pass_obj
def projections_status(settings: Settings, json_: bool) -> None:
    """Show position, head and lag of every version of every view."""
    with running.database(settings) as url, connect(url, "wharf_project") as conn:
        found = statuses.status(conn)
    if json_:
        click.echo(json.dumps([each._asdict() for each in found], default=str))
        return
    click.echo("view   version  state     answers  position      head  lag (events)  lag (s)")
    for each in found:
        click.echo(
            f"{each.view:6} {each.version:7}  {each.state:8}  {'yes' if each.active else 'no':7}"
            f" {each.position:9} {each.head:9} {each.lag_events:13} {each.lag_s:8.1f}"
        )


@projections.command("rebuild")
@view_name
@click.pass_obj
def projections_rebuild(settings: Settings, view: str) -> None:
    """Build the view's next version beside the live one, and let it answer."""
    with running.database(settings) as url:
        version = rebuild(
            url,
            VIEWS[view],
            lambda position, head: click.echo(f"{view}: position {position} of {head}"),
        )
    click.echo(f"{view} version {version.version} answers now, at position {version.position}")


@projections.command("retire")
@view_name
@click.pass_obj
def projections_retire(settings: Settings, view: str) -> None:
    """Drop the versions that do not answer any more; there is no going back to them."""
    with running.database(settings) as url, connect(url, "wharf_owner") as conn:
        retired = retire(conn, VIEWS[view], timedelta(0))
    for version in retired:
        click.echo(f"{view} version {version.version} is dropped")


@projections.command("verify")
@view_name
@click.pass_obj
def projections_verify(settings: Settings, view: str) -> None:
    """Replay the log beside the live tables and compare; exit code 1 if a row differs."""
    with running.database(settings) as url:
        verified = verify(url, VIEWS[view])
    for difference in verified.differences:
        click.echo(describe(difference))
    if verified.differences:
        raise click.ClickException(
            f"{len(verified.differences)} rows of {view} are not what the log says"
        )
    click.echo(f"{view} is what the log says, up to position {verified.position}")


def describe(difference: Difference) -> str:
    """One row that differs, as a line per column."""
    where = f"{difference.table} {difference.key}"
    if difference.missing is not None:
        return f"{where}: missing in {difference.missing}"
    lines = [
        f"  {name}: live {ours!r}, replay {theirs!r}"
        for name, (ours, theirs) in sorted(difference.columns.items())
    ]
    return "\n".join([f"{where}:", *lines])
