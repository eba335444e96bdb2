"""`wharf verify`: whether what is stored is what was received."""

import json
from dataclasses import asdict

import click

from events.database import connect
from wharf import running
from wharf.cli_keys import as_json
from wharf.secrets import with_secrets
from wharf.settings import Settings
from write_side.signature import app_secrets
from write_side.signature_check import Checked, check_signatures


@click.group()
def verify() -> None:
    """Whether what is stored is what was received."""


@verify.command("signatures")
@as_json
@click.pass_obj
def verify_signatures(settings: Settings, json_: bool) -> None:
    """Check the signature of every stored body again; exit code 1 if one is wrong.

    Uses the app secrets that are set. What was signed with another one, which its fingerprint
    names, is checked against its SHA-256 alone.
    """
    secrets = app_secrets(with_secrets(settings).app_secrets)

    def show(checked: Checked) -> None:
        if not json_:
            click.echo(f"delivery {checked.up_to}: {checked.failed} wrong so far", err=True)

    with running.database(settings) as url, connect(url, "wharf_write") as conn:
        checked = check_signatures(conn, secrets, show)
    if json_:
        click.echo(json.dumps(asdict(checked)))
    else:
        report(checked)
    if checked.failed:
        raise click.ClickException(f"{checked.failed} deliveries are not what was signed")


def report(checked: Checked) -> None:
    """A line for each secret, and the deliveries that are wrong."""
    if not checked.secrets:
        click.echo("nothing was delivered yet")
    for fingerprint, count in sorted(checked.secrets.items()):
        line = f"secret {fingerprint}: {count.right} right, {count.wrong} wrong"
        if count.unchecked:
            line += f", {count.unchecked} not checked, for this secret is not set any more"
        click.echo(line)
    for id_ in checked.wrong:
        click.echo(f"delivery {id_} is wrong")
