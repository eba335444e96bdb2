"""`wharf keys`: who may ask."""

import json

import click

from events.database import connect
from wharf import running
from wharf.keys import create_key, list_keys, revoke_key
from wharf.settings import Settings

as_json = click.option("--json", "json_", is_flag=True, help="Print JSON for programs.")


@click.group()
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
        found = list_keys(conn)
    if json_:
        names = ("id", "name", "scopes", "created_at", "expires_at", "revoked_at")
        rows = [{name: getattr(key, name) for name in names} for key in found]
        click.echo(json.dumps(rows, default=str))
        return
    for key in found:
        state = "valid" if key.revoked_at is None else "revoked"
        click.echo(f"{key.id}  {state:7}  {key.name}  {','.join(key.scopes)}")


@keys.command("revoke")
@click.argument("key_id")
@click.pass_obj
def keys_revoke(settings: Settings, key_id: str) -> None:
    """Make a key useless, within seconds on every process."""
    with running.database(settings) as url, connect(url, "wharf_owner") as conn:
        if not revoke_key(conn, key_id):
            raise click.ClickException(f"there is no valid key {key_id}")
    click.echo(f"{key_id} is revoked")
