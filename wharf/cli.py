"""The command `wharf`."""

import logging
import os
import sys
from pathlib import Path

import click
import httpx
import psycopg

from events.database import connect
from events.errors import LogError
from projections import status as statuses
from projections.catalogue import REGISTERED, VIEWS
from projections.rebuild import HasPoison, RebuildRunning
from projections.verify import OtherRelease
from wharf import running
from wharf.cli_backup import backup_, restore_
from wharf.cli_doctor import doctor
from wharf.cli_events import events
from wharf.cli_keys import keys
from wharf.cli_media import media
from wharf.cli_projections import projections
from wharf.cli_users import users
from wharf.cli_verify import verify
from wharf.demo.errors import DemoError
from wharf.demo.sending import run_demo
from wharf.keys import KeyRefused
from wharf.logs import configure_logging
from wharf.port import taken_port
from wharf.postgres.errors import EmbeddedPostgresError
from wharf.secrets import app_secret_path, is_loopback, with_secrets
from wharf.settings import Settings, SettingsError, load_settings, misspelt
from wharf.users import UserError

logger = logging.getLogger(__name__)

# What an operator can cause and mend; everything else is a fault of ours and shows its traceback.
EXPECTED = (
    SettingsError,
    LogError,
    DemoError,
    KeyRefused,
    UserError,
    EmbeddedPostgresError,
    HasPoison,
    RebuildRunning,
    OtherRelease,
    psycopg.OperationalError,
)

HEALTH_TIMEOUT_S = 5.0
# A worker that is there applies what is new within a second, and a backlog within some.
WORKER_LAG_S_MAX = 60.0


def is_kept(version: statuses.Status) -> bool:
    """Whether the workers of this release keep the version up to date."""
    known = VIEWS.get(version.view)
    return known is not None and known.definition == version.definition


def main() -> None:
    """The entry point: an expected failure is one line and exit code 1."""
    try:
        wharf(standalone_mode=True)
    except EXPECTED as error:
        click.echo(f"wharf: {error}", err=True)
        sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def wharf(context: click.Context) -> None:
    """Receives WhatsApp Business webhooks and loses nothing of them."""
    configure_logging()
    env_file = Path(".env")
    context.obj = load_settings(os.environ, env_file)
    configure_logging(context.obj.log_format)
    for name, meant in misspelt(os.environ, env_file).items():
        logger.warning("there is no such setting", extra={"setting": name, "meant": meant})
    for broken in REGISTERED.broken:
        logger.error(
            "a registered view is left out",
            extra={"view": broken.name, "package": broken.package, "reason": broken.reason},
        )


@wharf.command()
@click.pass_obj
def up(settings: Settings) -> None:
    """Run everything in one process: database, web and workers."""
    with taken_port(settings) as port:
        if not running.up(settings, port, click.echo):
            sys.exit(1)


@wharf.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Run the web side alone; the workers are other processes."""
    with taken_port(settings) as port:
        if not running.serve_web(settings, port):
            sys.exit(1)


@wharf.command()
@click.pass_obj
def work(settings: Settings) -> None:
    """Run workers alone, which keep the views up to date."""
    running.work(settings, click.echo)


@wharf.command()
@click.option("--worker", is_flag=True, help="Ask after the views instead, which workers keep up.")
@click.pass_obj
def health(settings: Settings, worker: bool) -> None:
    """Ask the running service whether it is ready; exit code 1 if it is not."""
    if worker:
        with running.database(settings) as db, connect(db, "wharf_project") as conn:
            behind = [
                each
                for each in statuses.status(conn)
                # No worker of this release keeps the others up to date.
                if each.lag_s > WORKER_LAG_S_MAX and is_kept(each) and each.paused_at is None
            ]
        for each in behind:
            click.echo(f"{each.view} version {each.version} is {each.lag_s:.0f} s behind")
        sys.exit(1 if behind else 0)
    url = f"{running.base_url(settings)}/readyz"
    try:
        answer = httpx.get(url, timeout=HEALTH_TIMEOUT_S, trust_env=False)
    except httpx.TransportError as error:
        raise click.ClickException(f"no answer from {url}") from error
    click.echo(answer.text)
    if answer.status_code != 200:
        sys.exit(1)


@wharf.command()
@click.pass_obj
def demo(settings: Settings) -> None:
    """Post a made-up day of traffic to the service that runs on this machine."""
    if settings.app_secrets or not is_loopback(settings.host):
        raise click.ClickException(
            "the log keeps what it gets for ever, so the demo only goes to a service on loopback "
            "with a generated secret: unset WHATSAPP_APP_SECRET, and use a data folder of its own"
        )
    if not app_secret_path(settings.data_dir).exists():
        raise click.ClickException("nothing to sign with yet: start the service first (./dev run)")
    complete = with_secrets(settings)
    run_demo(
        running.base_url(settings),
        complete.app_secrets[0],
        complete.verify_token or "",
        say=click.echo,
    )


@wharf.group()
def schema() -> None:
    """The database's schema."""


@schema.command("apply")
@click.pass_obj
def schema_apply(settings: Settings) -> None:
    """Create or upgrade the schema; applied twice, it changes nothing the second time."""
    with running.upgraded_database(settings):
        pass
    click.echo("the schema is up to date")


wharf.add_command(backup_)
wharf.add_command(doctor)
wharf.add_command(events)
wharf.add_command(keys)
wharf.add_command(media)
wharf.add_command(projections)
wharf.add_command(restore_)
wharf.add_command(users)
wharf.add_command(verify)
