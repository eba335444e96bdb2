"""`wharf projections poison`: events that a view could not apply."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from psycopg import Connection

from events.database import connect
from events.envelope import Position
from projections import poison as poisons
from projections import projector, versions
from projections.catalogue import VIEWS
from projections.poison import Poison
from wharf import running
from wharf.cli_keys import as_json
from wharf.settings import Settings


@click.group()
def poison() -> None:
    """Events that were put aside because a view could not apply them."""


def chosen(command: Callable[..., None]) -> Callable[..., None]:
    """Which ones: of a view, one of them or all."""
    command = click.option("--all", "every", is_flag=True, help="All of the view.")(command)
    command = click.argument("position", type=int, required=False)(command)
    return click.argument("view", type=click.Choice(sorted(VIEWS)))(command)


@poison.command("list")
@as_json
@click.pass_obj
def poison_list(settings: Settings, json_: bool) -> None:
    """Show what was put aside, per version of each view."""
    with _asking(settings) as conn:
        found = poisons.listed(conn)
    if json_:
        click.echo(json.dumps([each._asdict() for each in found], default=str))
        return
    for each in found:
        error = each.error.splitlines()[0]
        skipped = "  (skipped)" if each.skipped_at else ""
        click.echo(
            f"{each.view} version {each.version}  position {each.position}  {each.type}"
            f"  tried {each.tries}x  {error}{skipped}"
        )


@poison.command("show")
@click.argument("view", type=click.Choice(sorted(VIEWS)))
@click.argument("position", type=int)
@click.pass_obj
def poison_show(settings: Settings, view: str, position: int) -> None:
    """Show one with its whole error; `wharf events show` has the event."""
    with _asking(settings) as conn:
        found = _chosen(conn, view, position, every=False)
    for each in found:
        facts = each._asdict()
        click.echo("\n".join(f"{name}: {value}" for name, value in facts.items()))


@poison.command("retry")
@chosen
@click.pass_obj
def poison_retry(settings: Settings, view: str, position: int | None, every: bool) -> None:
    """Apply them now, after the view was mended; exit code 1 if one fails again."""
    failed = 0
    with _asking(settings) as conn:
        projector.prepare(conn)
        known = {each.version: each for each in versions.versions(conn, view)}
        for each in _chosen(conn, view, position, every):
            error = poisons.retry(conn, VIEWS[view], known[each.version], each.position)
            failed += error is not None
            told = "applied" if error is None else f"failed again: {error.splitlines()[0]}"
            click.echo(f"{view} version {each.version} position {each.position}: {told}")
    if failed:
        raise click.ClickException(f"{failed} could not be applied")


@poison.command("skip")
@chosen
@click.pass_obj
def poison_skip(settings: Settings, view: str, position: int | None, every: bool) -> None:
    """Go without them: they stay on the list and raise no alarm. `retry` still applies them."""
    with _asking(settings) as conn:
        for each in _chosen(conn, view, position, every):
            poisons.skip(conn, view, each.version, each.position)
            click.echo(f"{view} version {each.version} goes without position {each.position}")


@contextmanager
def _asking(settings: Settings) -> Iterator[Connection[Any]]:
    with running.database(settings) as url, connect(url, "wharf_project") as conn:
        yield conn


def _chosen(conn: Connection[Any], view: str, position: int | None, every: bool) -> list[Poison]:
    if (position is None) != every:
        raise click.UsageError("give a position or --all")
    found = [
        each
        for each in poisons.listed(conn)
        if each.view == view and (every or each.position == Position(position or 0))
    ]
    if not found:
        raise click.ClickException(f"nothing like that of {view} was put aside")
    return found
