"""Sessions: who signed in, by the random token in their browser's cookie."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from events.database import Pool
from wharf.primary import REMEMBERED_S, Remembering, ask
from wharf.scopes import GRANTED, Role
from wharf.users import hash_of

GOOD_FOR = timedelta(days=30)
IDLE_FOR = timedelta(days=7)

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

PEEK: LiteralString = """
select l.user_name
  from ops.sign_in_links l
 where l.secret_hash = %(link)s and l.expires_at > now()
"""

# Of two who come with one link at once, the second waits for the row and then finds it gone.
SIGN_IN: LiteralString = """
with used as (
    delete from ops.sign_in_links l
     where l.secret_hash = %(link)s and l.expires_at > now()
    returning l.user_name
), over as (
    delete from ops.sessions s
     where s.expires_at <= now() or s.last_used_at <= now() - %(idle_for)s
)
insert into ops.sessions (secret_hash, user_name, browser, expires_at)
select %(secret_hash)s, u.name, %(browser)s, now() + %(good_for)s
  from used
  join ops.users u on u.name = used.user_name and u.removed_at is null
returning user_name
"""

FIND: LiteralString = """
select s.secret_hash, s.user_name, u.role, s.last_used_at, s.expires_at
  from ops.sessions s
  join ops.users u on u.name = s.user_name
 where s.secret_hash = %s and u.removed_at is null
"""

END: LiteralString = """
delete from ops.sessions
 where secret_hash = %(secret_hash)s
"""


@dataclass(frozen=True)
class Session:
    """A session as the database has it."""

    secret_hash: bytes
    user_name: str
    role: Role
    last_used_at: datetime
    expires_at: datetime

    @property
    def granted(self) -> frozenset[str]:
        """The scopes of the user's role."""
        return GRANTED[self.role]

    def lasts(self, now: datetime) -> bool:
        """Whether it is neither too old nor forgotten."""
        return now < self.expires_at and now < self.last_used_at + IDLE_FOR


class Sessions:
    """Looks sessions up on the primary, by a pool of connections that act as wharf_write."""

    def __init__(self, pool: Pool, remembered_s: float = REMEMBERED_S) -> None:
        self._pool = pool
        self._found = Remembering(pool, FIND, Session, remembered_s)

    async def check(self, token: str) -> Session | None:
        """The session that a cookie's token is of; None whatever is wrong with it.

        Raises AccessUnavailable, here and below.
        """
        if not _TOKEN.fullmatch(token):
            return None
        session = await self._found.find(hash_of(token))
        return session if session is not None and session.lasts(datetime.now(UTC)) else None

    def knows(self, token: str) -> bool:
        """Whether the session of this token has been good here."""
        return self._found.knows(hash_of(token))

    async def peek(self, link: str) -> str | None:
        """Whom a link would let in; it stays good."""

        async def use(conn: AsyncConnection[TupleRow]) -> str | None:
            row = await (await conn.execute(PEEK, {"link": hash_of(link)})).fetchone()
            return None if row is None else str(row[0])

        return await ask(self._pool, use) if _TOKEN.fullmatch(link) else None

    async def sign_in(self, link: str, browser: str) -> str | None:
        """Use a link up; the token of the new session, or None when the link opens nothing."""
        if not _TOKEN.fullmatch(link):
            return None
        token = secrets.token_urlsafe(32)
        facts = {
            "link": hash_of(link),
            "secret_hash": hash_of(token),
            "browser": browser,
            "good_for": GOOD_FOR,
            "idle_for": IDLE_FOR,
        }

        async def use(conn: AsyncConnection[TupleRow]) -> bool:
            return (await conn.execute(SIGN_IN, facts)).rowcount == 1

        return token if await ask(self._pool, use) else None

    async def end(self, session: Session) -> None:
        """Sign out: over here at once, within seconds in other processes."""

        async def use(conn: AsyncConnection[TupleRow]) -> None:
            await conn.execute(END, {"secret_hash": session.secret_hash})

        await ask(self._pool, use)
        self._found.forget(session.secret_hash)
