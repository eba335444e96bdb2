"""Users: the people who sign in, by a link that opens once instead of a password.

Everything here takes an autocommitting connection that acts as wharf_write or wharf_owner.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from wharf.scopes import Role

# Who `wharf up` lets in on the machine it runs on.
LOCAL = "local"
LINK_GOOD_FOR = timedelta(hours=24)

_NAME = re.compile(r"[a-z0-9._-]{1,64}")

ADD: LiteralString = """
insert into ops.users as u (name, role)
values (%(name)s, %(role)s)
    on conflict (name) do update
   set role = excluded.role, removed_at = null
 where u.removed_at is not null
"""

# Who was removed stays so: that was somebody's decision.
ADD_LOCAL: LiteralString = """
insert into ops.users (name, role)
values (%(name)s, 'admin')
    on conflict (name) do nothing
"""

LINK: LiteralString = """
with outdated as (
    delete from ops.sign_in_links
     where user_name = %(name)s or expires_at <= now()
)
insert into ops.sign_in_links (secret_hash, user_name, expires_at)
select %(secret_hash)s, u.name, now() + %(good_for)s
  from ops.users u
 where u.name = %(name)s and u.removed_at is null
returning expires_at
"""

# Left out are the sessions that are over, which are deleted when somebody signs in.
LIST: LiteralString = """
select u.name, u.role, u.created_at, u.removed_at, max(s.last_used_at) as last_used_at
  from ops.users u
  left join ops.sessions s on s.user_name = u.name
 group by u.name
 order by u.name
"""

SET_ROLE: LiteralString = """
update ops.users
   set role = %(role)s
 where name = %(name)s and removed_at is null
"""

REMOVE: LiteralString = """
with gone as (
    update ops.users
       set removed_at = now()
     where name = %(name)s and removed_at is null
    returning name
), links as (
    delete from ops.sign_in_links where user_name in (select name from gone)
), sessions as (
    delete from ops.sessions where user_name in (select name from gone)
)
select from gone
"""


class UserError(Exception):
    """Nothing was changed."""


class NoSuchUser(UserError):
    """There is no user of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no user {name}")


class UserExists(UserError):
    """The name is taken."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is a user {name} already")


class NameRefused(UserError):
    """A name is 1 to 64 of a-z, 0-9, dot, underscore and hyphen."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True)
class User:
    """A user as the database has them; `last_used_at` is that of their sessions, if any."""

    name: str
    role: Role
    created_at: datetime
    removed_at: datetime | None
    last_used_at: datetime | None


class Link(NamedTuple):
    """What opens once; `token` is known now and never again."""

    name: str
    token: str
    expires_at: datetime


async def add_user(conn: AsyncConnection[TupleRow], name: str, role: Role) -> Link:
    """A user, or one who was removed once again, with their first link.

    Raises NameRefused and UserExists.
    """
    if not _NAME.fullmatch(name):
        raise NameRefused
    async with conn.transaction():
        added = await conn.execute(ADD, {"name": name, "role": role})
        if added.rowcount == 0:
            raise UserExists(name)
        return await new_link(conn, name)


async def local_link(conn: AsyncConnection[TupleRow]) -> Link | None:
    """A link for the person at this machine; None where that user was removed."""
    await conn.execute(ADD_LOCAL, {"name": LOCAL})
    try:
        return await new_link(conn, LOCAL)
    except NoSuchUser:
        return None


async def new_link(conn: AsyncConnection[TupleRow], name: str) -> Link:
    """Another link; the one before opens nothing any more. Raises NoSuchUser."""
    token = secrets.token_urlsafe(32)
    facts = {"name": name, "secret_hash": hash_of(token), "good_for": LINK_GOOD_FOR}
    row = await (await conn.execute(LINK, facts)).fetchone()
    if row is None:
        raise NoSuchUser(name)
    return Link(name, token, row[0])


async def list_users(conn: AsyncConnection[TupleRow]) -> list[User]:
    """Everybody, those who were removed too, by name."""
    async with conn.cursor(row_factory=class_row(User)) as cursor:
        return await (await cursor.execute(LIST)).fetchall()


async def set_role(conn: AsyncConnection[TupleRow], name: str, role: Role) -> None:
    """Change what somebody may do, within seconds on every process. Raises NoSuchUser."""
    if (await conn.execute(SET_ROLE, {"name": name, "role": role})).rowcount == 0:
        raise NoSuchUser(name)


async def remove_user(conn: AsyncConnection[TupleRow], name: str) -> None:
    """End all their sessions, within seconds on every process. Raises NoSuchUser."""
    if (await conn.execute(REMOVE, {"name": name})).rowcount == 0:
        raise NoSuchUser(name)


def hash_of(token: str) -> bytes:
    """Of 256 random bits, so that a fast hash is enough."""
    return hashlib.sha256(token.encode()).digest()
