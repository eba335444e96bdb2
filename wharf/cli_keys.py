"""`wharf keys`: who may ask."""

import json
import re
from datetime import UTC, datetime, timedelta

import click

from events.database import connect
from wharf import running
from wharf.key_answers import created_key, key_answer
from wharf.keys import Limits, create_key, list_keys, revoke_key
from wharf.scopes import SCOPES
from wharf.settings import Settings

as_json = click.option("--json", "json_", is_flag=True, help="Print JSON for programs.")


def lasting(text: str) -> timedelta:
    """A time from now on: a number of hours, days or weeks."""
    match = re.fullmatch(r"([1-9][0-9]{0,4})([hdw])", text)
    if match is None:
        raise click.BadParameter("is not a time such as 90d, 12h or 4w")
    unit = {"h": "hours", "d": "days", "w": "weeks"}[match[2]]
    return timedelta(**{unit: int(match[1])})


@click.group()
def keys() -> None:
    """Keys for the read API and the commands."""


@keys.command("create")
@click.option("--name", required=True, help="Who or what will use it.")
@click.option(
    "--scopes", required=True, help=f"all, or a list with commas: {', '.join(sorted(SCOPES))}."
)
@click.option(
    "--expires", "lasts", type=lasting, help="How long it is good: 90d, 12h, 4w. For ever if not."
)
@click.option(
    "--number", "numbers", multiple=True, help="A phone_number_id; then it sees no other's data."
)
@click.option("--ip", "networks", multiple=True, help="A network that it may be used from.")
@as_json
@click.pass_obj
def keys_create(
    settings: Settings,
    name: str,
    scopes: str,
    lasts: timedelta | None,
    numbers: tuple[str, ...],
    networks: tuple[str, ...],
    json_: bool,
) -> None:
    """Make a key and print its secret, which is shown this once."""
    wanted = [scope.strip() for scope in scopes.split(",")]
    limits = Limits(None if lasts is None else datetime.now(UTC) + lasts, numbers, networks)
    with running.database(settings) as url, connect(url, "wharf_owner") as conn:
        key = create_key(conn, name, wanted, limits)
    if json_:
        click.echo(json.dumps(created_key(key), default=str))
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
        click.echo(json.dumps([key_answer(key) for key in found]))
        return
    for key in found:
        used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
        limits = [
            *([f"until {key.expires_at:%Y-%m-%d}"] if key.expires_at else ()),
            *(f"number {number}" for number in key.phone_number_ids or ()),
            *(f"from {network}" for network in key.networks or ()),
        ]
        scopes = ",".join(key.scopes)
        click.echo("  ".join([key.id, f"{key.state:7}", key.name, scopes, used, *limits]))


@keys.command("revoke")
@click.argument("key_id")
@click.pass_obj
def keys_revoke(settings: Settings, key_id: str) -> None:
    """Make a key useless, within seconds on every process."""
    with running.database(settings) as url, connect(url, "wharf_owner") as conn:
        if not revoke_key(conn, key_id):
            raise click.ClickException(f"there is no valid key {key_id}")
    click.echo(f"{key_id} is revoked")
