"""`wharf projections`: how far the views are, building them again, proving them right."""

import json
from datetime import timedelta
from getpass import getuser
from socket import gethostname

import click
import psycopg

from events.database import connect
from projections import status as statuses
from projections.catalogue import VIEWS
from projections.forgetting import forget
from projections.pausing import pause, resume
from projections.rebuild import rebuild
from projections.sampling import SAMPLE_MAX, NoSample, verify_sample
from projections.verify import Difference, verify
from projections.versions import GoesBackInTime, NoSuchVersion, activate, retire
from wharf import running
from wharf.cli_at import at
from wharf.cli_keys import as_json
from wharf.cli_poison import poison
from wharf.rebuild_progress import shown
from wharf.renewal import outdated
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
    width = max((len(each.view) for each in found), default=4)
    click.echo(
        f"{'view':{width}}  version  state     answers  position      head  lag (events)  lag (s)"
    )
    for each in found:
        line = (
            f"{each.view:{width}}  {each.version:7}  {each.state:8}"
            f"  {'yes' if each.active else 'no':7} {each.position:9} {each.head:9}"
            f" {each.lag_events:13} {each.lag_s:8.1f}"
        )
        known = VIEWS.get(each.view)
        if known is None:
            line += "  not installed"
        elif known.definition != each.definition:
            line += "  another release's"
        click.echo(line)


@projections.command("rebuild")
@click.argument("views", nargs=-1, type=click.Choice(sorted(VIEWS)))
@click.option("--all", "every", is_flag=True, help="All views, one after the other.")
@click.option("--outdated", "renew", is_flag=True, help="Those that an upgrade has changed.")
@click.option("--resume", is_flag=True, help="Go on from where an interrupted rebuild was.")
@as_json
@click.pass_obj
def projections_rebuild(
    settings: Settings,
    views: tuple[str, ...],
    every: bool,
    renew: bool,
    resume: bool,
    json_: bool,
) -> None:
    """Build the next version of views beside the live one, and let it answer."""
    if [bool(views), every, renew].count(True) != 1:
        raise click.UsageError("name the views to rebuild, or give --all or --outdated")
    with running.database(settings) as url:
        if renew:
            views = tuple(view.name for view in outdated(url))
        for view in sorted(VIEWS) if every else views:
            try:
                with shown(view, json_) as hear:
                    version = rebuild(url, VIEWS[view], hear, resume=resume)
            except (KeyboardInterrupt, psycopg.OperationalError) as error:
                click.echo(
                    f"{view} is not rebuilt; the live version is as it was, and"
                    f" `wharf projections rebuild {view} --resume` goes on",
                    err=True,
                )
                raise click.Abort from error
            done = {"view": view, "version": version.version, "position": version.position}
            click.echo(
                json.dumps({**done, "answers": True})
                if json_
                else f"{view} version {version.version} answers now, at position {version.position}"
            )


@projections.command("activate")
@view_name
@click.option("--version", type=int, required=True, help="As `status` shows it.")
@click.pass_obj
def projections_activate(settings: Settings, view: str, version: int) -> None:
    """Let another version of a view answer: the way back after a rebuild."""
    with running.database(settings) as url, connect(url, "wharf_owner") as conn:
        try:
            activate(conn, VIEWS[view], version)
        except (GoesBackInTime, NoSuchVersion) as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{view} version {version} answers now")


@projections.command("pause")
@view_name
@click.pass_obj
def projections_pause(settings: Settings, view: str) -> None:
    """Hold a view where it is: it answers as of then, whatever is restarted."""
    with running.database(settings) as url, connect(url, "wharf_owner") as conn:
        held = pause(conn, view, f"{getuser()} on {gethostname()}")
    if held is None:
        raise click.ClickException(f"{view} has no version that answers")
    click.echo(f"{view} is paused by {held.paused_by}, at position {held.position}")


@projections.command("resume")
@view_name
@click.pass_obj
def projections_resume(settings: Settings, view: str) -> None:
    """Let a paused view go on from where it is."""
    with running.database(settings) as url, connect(url, "wharf_owner") as conn:
        held = resume(conn, view)
    if held is None:
        raise click.ClickException(f"{view} has no version that answers")
    click.echo(f"{view} goes on from position {held.position}")


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
@click.option(
    "--sample",
    type=click.IntRange(1, SAMPLE_MAX),
    help="So many conversations by chance: only their events are replayed.",
)
@click.pass_obj
def projections_verify(settings: Settings, view: str, sample: int | None) -> None:
    """Replay the log beside the live tables and compare; exit code 1 if a row differs.

    Each row that differs is shown column by column. Safe under live traffic.

    \b
    wharf projections verify inbox
    wharf projections verify inbox --sample 100
    """
    with running.database(settings) as url:
        try:
            known = VIEWS[view]
            verified = verify(url, known) if sample is None else verify_sample(url, known, sample)
        except NoSample as error:
            raise click.ClickException(str(error)) from error
    for difference in verified.differences:
        click.echo(describe(difference))
    if verified.differences:
        raise click.ClickException(
            f"{len(verified.differences)} rows of {view} are not what the log says"
        )
    shown_of = view if sample is None else f"the sample of {view}"
    click.echo(f"{shown_of} is what the log says, up to position {verified.position}")


@projections.command("forget")
@click.argument("view")
@click.pass_obj
def projections_forget(settings: Settings, view: str) -> None:
    """Drop a view whose package is not installed any more, with all its versions."""
    if view in VIEWS:
        raise click.ClickException(f"{view} is installed; uninstall the package that brings it")
    with running.database(settings) as url, connect(url, "wharf_owner") as conn:
        dropped = forget(conn, view)
    if not dropped:
        raise click.ClickException(f"there is no view {view}")
    for version in dropped:
        click.echo(f"{view} version {version.version} is dropped")


projections.add_command(at)
projections.add_command(poison)


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
