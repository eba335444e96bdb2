"""People and keys, administered over HTTP by those who have the scope for it."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row
from starlette.requests import Request

from events.database import Pool
from wharf import users
from wharf.access import ScopeMissing
from wharf.api_key import ApiKey
from wharf.keys import INSERT, LIST, REVOKE, NewKey
from wharf.primary import ask
from wharf.scopes import GRANTED, Role
from wharf.users import Link, User

Done = TypeVar("Done")


class NoSuchKey(Exception):
    """There is no key of this id that is still good."""

    def __init__(self, id_: str) -> None:
        super().__init__(f"there is no valid key {id_}")


class People:
    """Asks and changes the primary, as wharf_write. Everything raises AccessUnavailable."""

    def __init__(self, pool: Pool, public_url: str | None) -> None:
        self._pool = pool
        self._public_url = public_url

    def sign_in_url(self, request: Request, link: Link) -> str:
        return f"{self.origin(request)}/sign-in?token={link.token}"

    def origin(self, request: Request) -> str:
        """The address that people have, else the one that was asked."""
        return self._public_url or f"{request.url.scheme}://{request.url.netloc}"

    async def keys(self) -> list[ApiKey]:
        async def use(conn: AsyncConnection[TupleRow]) -> list[ApiKey]:
            cursor = conn.cursor(row_factory=class_row(ApiKey))
            return await (await cursor.execute(LIST)).fetchall()

        return await ask(self._pool, use)

    async def add_key(self, key: NewKey) -> None:
        await self._do(lambda conn: conn.execute(INSERT, key.row()))

    async def revoke_key(self, id_: str) -> None:
        """Raises NoSuchKey."""
        done = await self._do(lambda conn: conn.execute(REVOKE, {"id": id_}))
        if done.rowcount == 0:
            raise NoSuchKey(id_)

    async def users(self) -> list[User]:
        return await self._do(users.list_users)

    async def add_user(self, name: str, role: Role) -> Link:
        """Raises NameRefused and UserExists."""
        return await self._do(lambda conn: users.add_user(conn, name, role))

    async def remove_user(self, name: str) -> None:
        """Raises NoSuchUser."""
        await self._do(lambda conn: users.remove_user(conn, name))

    async def set_role(self, name: str, role: Role) -> None:
        """Raises NoSuchUser."""
        await self._do(lambda conn: users.set_role(conn, name, role))

    async def new_link(self, name: str) -> Link:
        """Raises NoSuchUser."""
        return await self._do(lambda conn: users.new_link(conn, name))

    async def role_of(self, name: str) -> Role:
        """Raises NoSuchUser."""
        for user in await self.users():
            if user.name == name and user.removed_at is None:
                return user.role
        raise users.NoSuchUser(name)

    async def _do(self, use: Callable[[AsyncConnection[TupleRow]], Awaitable[Done]]) -> Done:
        return await ask(self._pool, use)


def refuse_to_give(request: Request, scopes: frozenset[str]) -> None:
    """Nobody gives away what they do not have: else `keys:admin` alone would be everything.

    Raises ScopeMissing.
    """
    missing = sorted(scopes - frozenset(request.auth.scopes))
    if missing:
        raise ScopeMissing(missing[0])


def refuse_to_give_role(request: Request, role: Role) -> None:
    """As `refuse_to_give`, for what comes with a role."""
    refuse_to_give(request, GRANTED[role])
