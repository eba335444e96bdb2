"""`wharf users`: who may sign in."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from events.database import connect_async
from wharf import running
from wharf.cli_keys import as_json
from wharf.scopes import ROLES, Role
from wharf.settings import Settings
from wharf.users import Link, add_user, list_users, new_link, remove_user, set_role

Done = TypeVar("Done")

with_role = click.option("--role", type=click.Choice(ROLES), required=True)


@click.group()
def users() -> None:
    """People who sign in: their names stand under notes and on conversations."""


@users.command("add")
@click.argument("name")
@with_role
@as_json
@click.pass_obj
def users_add(settings: Settings, name: str, role: Role, json_: bool) -> None:
    """Add somebody, or take back one who was removed, and print a sign-in link."""
    show(settings, ask(settings, lambda conn: add_user(conn, name, role)), json_)


@users.command("link")
@click.argument("name")
@as_json
@click.pass_obj
def users_link(settings: Settings, name: str, json_: bool) -> None:
    """Print another sign-in link; the one before is good no more."""
    show(settings, ask(settings, lambda conn: new_link(conn, name)), json_)


@users.command("list")
@as_json
@click.pass_obj
def users_list(settings: Settings, json_: bool) -> None:
    """List the users, those who were removed too."""
    found = ask(settings, list_users)
    if json_:
        click.echo(json.dumps([vars(user) for user in found], default=str))
        return
    for user in found:
        state = "removed" if user.removed_at else "active"
        used = f"{user.last_used_at:%Y-%m-%d %H:%M}" if user.last_used_at else "not signed in"
        click.echo(f"{user.name}  {user.role:5}  {state:7}  {used}")


@users.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@click.pass_obj
def users_role(settings: Settings, name: str, role: Role) -> None:
    """Change what somebody may do, within seconds on every process."""
    ask(settings, lambda conn: set_role(conn, name, role))
    click.echo(f"{name} is {role}")


@users.command("remove")
@click.argument("name")
@click.pass_obj
def users_remove(settings: Settings, name: str) -> None:
    """End all sessions of somebody; the name stays theirs."""
    ask(settings, lambda conn: remove_user(conn, name))
    click.echo(f"{name} is removed")


def ask(settings: Settings, use: Callable[[AsyncConnection[TupleRow]], Awaitable[Done]]) -> Done:
    """Do it as wharf_owner on the database of the settings."""

    async def asking(url: str) -> Done:
        async with await connect_async(url, "wharf_owner") as conn:
            return await use(conn)

    with running.database(settings) as url:
        return asyncio.run(asking(url))


def show(settings: Settings, link: Link, json_: bool) -> None:
    """The link goes to the screen alone."""
    address = running.sign_in_url(settings, link)
    if json_:
        fact = {"name": link.name, "link": address, "expires_at": link.expires_at}
        click.echo(json.dumps(fact, default=str))
    else:
        until = f"{link.expires_at.astimezone():%Y-%m-%d %H:%M}"
        click.echo(f"{address}\n\nLets {link.name} in once, until {until}.")
