"""`wharf backup` and `wharf restore`."""

from pathlib import Path

import click

from projections.catalogue import VIEWS
from projections.rebuild import rebuild
from wharf import running
from wharf.backup import BackupFailed, backup
from wharf.rebuild_progress import shown
from wharf.restore import RestoreFailed, restore
from wharf.settings import Settings

MIB = 1024 * 1024


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup_(settings: Settings, file: Path) -> None:
    """Write the log, keys, users and whatever else can't be derived again, while it runs.

    A FILE that is there is replaced once the new one is whole. It is all personal data. Files of
    messages are in WHARF_DATA_DIR/media: copy that afterwards.
    """
    with running.database(settings) as url:
        try:
            made = backup(url, file)
        except BackupFailed as error:
            raise click.ClickException(str(error)) from error
    click.echo(
        f"{file}: {made.bytes / MIB:.1f} MiB, the log up to position {made.position} or beyond"
    )


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def restore_(settings: Settings, file: Path) -> None:
    """Put a backup into an empty database, prove its log, and build the views anew."""
    with running.bare_database(settings) as url:
        try:
            checked = restore(url, file)
        except RestoreFailed as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{checked.events} events and {checked.deliveries} deliveries are in the log")
        for law in checked.laws:
            if law.broken:
                click.echo(f"{law.law}: BROKEN {law.broken}x, first at {law.example}")
        for view in VIEWS.values():
            with shown(view.name, False) as hear:
                version = rebuild(url, view, hear)
            click.echo(f"{view.name} answers, at position {version.position}")
    if not checked.sound:
        raise click.ClickException("the log is not what it has to be: see `wharf events check`")
