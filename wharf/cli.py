"""The command `wharf`."""

import json
import os
import sys
from pathlib import Path

import click
import httpx

from events.database import connect
from events.errors import LogError
from projections import status as statuses
from projections.catalogue import VIEWS
from projections.rebuild import RebuildRunning, rebuild
from projections.verify import Difference, verify
from wharf import running
from wharf.demo.errors import DemoError
from wharf.demo.sending import run_demo
from wharf.keys import KeyRefused, create_key, list_keys, revoke_key
from wharf.postgres.errors import EmbeddedPostgresError
from wharf.schema import apply_schema
from wharf.secrets import app_secret_path, is_loopback, with_secrets
from wharf.settings import Settings, SettingsError, load_settings

# What an operator can cause and mend; everything else is a fault of ours and shows its traceback.
EXPECTED = (SettingsError, LogError, DemoError, KeyRefused, EmbeddedPostgresError, RebuildRunning)

HEALTH_TIMEOUT_S = 5.0
# A worker that is there applies what is new within a second, and a backlog within some.
WORKER_LAG_S_MAX = 60.0

as_json = click.option("--json", "json_", is_flag=True, help="Print JSON for programs.")
view_name = click.argument("view", type=click.Choice(sorted(VIEWS)))


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
    running.configure_logging()
    context.obj = load_settings(os.environ, Path(".env"))


@wharf.command()
@click.pass_obj
def up(settings: Settings) -> None:
    """Run everything in one process: database, web and workers."""
    if not running.up(settings, click.echo):
        sys.exit(1)


@wharf.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Run the web side alone; the workers are other processes."""
    if not running.serve_web(settings):
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
            behind = [each for each in statuses.status(conn) if each.lag_s > WORKER_LAG_S_MAX]
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
            "with a generated app secret; unset WHATSAPP_APP_SECRET and use a data folder of its own"
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
    with running.database(settings) as url:
        apply_schema(url)
    click.echo("the schema is up to date")


@wharf.group()
def keys() -> None:
    """Keys for the read API and the commands."""


@keys.command("create")
@click.option("--name", required=True, help="Who or what will use it.")
@click.option("--scopes", required=True, help="all, or a list with commas.")
@as_json
@click.pass_obj
def keys_create(settings: Settings, name: str, scopes: str, json_: bool) -> None:
    """Make a key and print its secret, which is shown this once."""
    wanted = [scope.strip() for scope in scopes.split(",")]
    with running.database(settings) as url, connect(url, "wharf_owner") as conn:
        key = create_key(conn, name, wanted)
    if json_:
        click.echo(
            json.dumps({"id": key.id, "name": key.name, "scopes": key.scopes, "key": key.token})
        )
    else:
        click.echo(f"{key.token}\n\nShown this once. Send it as: Authorization: Bearer <key>")


@keys.command("list")
@as_json
@click.pass_obj
def keys_list(settings: Settings, json_: bool) -> None:
    """List the keys, without their secrets."""
    with running.database(settings) as url, connect(url, "wharf_owner") as conn:
        found = [
            {
                "id": key.id,
                "name": key.name,
                "scopes": key.scopes,
                "created_at": key.created_at.isoformat(),
                "revoked": key.revoked_at is not None,
            }
            for key in list_keys(conn)
        ]
    if json_:
        click.echo(json.dumps(found))
        return
    for each in found:
        state = "revoked" if each["revoked"] else "valid"
        click.echo(f"{each['id']}  {state:7}  {each['name']}  {','.join(each['scopes'])}")


@keys.command("revoke")
@click.argument("key_id")
@click.pass_obj
def keys_revoke(settings: Settings, key_id: str) -> None:
    """Make a key useless, within seconds on every process."""
    with running.database(settings) as url, connect(url, "wharf_owner") as conn:
        if not revoke_key(conn, key_id):
            raise click.ClickException(f"there is no valid key {key_id}")
    click.echo(f"{key_id} is revoked")


@wharf.group()
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
