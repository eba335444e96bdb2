"""API keys: `wharf_<id>_<secret>`, of which the database knows the id and the secret's SHA-256.

The secret has 256 random bits, so a fast hash without salt is enough: nobody can try them all.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

import psycopg
from psycopg.rows import TupleRow, class_row

from wharf.scopes import ALL, SCOPES, granted

_TOKEN = re.compile(r"wharf_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")

INSERT: LiteralString = """
insert into ops.api_keys (id, name, secret_hash, scopes, expires_at)
values (%(id)s, %(name)s, %(secret_hash)s, %(scopes)s, %(expires_at)s)
"""

LIST: LiteralString = """
select id, name, secret_hash, scopes, created_at, expires_at, revoked_at
  from ops.api_keys
 order by created_at, id
"""

FIND: LiteralString = """
select id, name, secret_hash, scopes, created_at, expires_at, revoked_at
  from ops.api_keys
 where id = %s
"""

REVOKE: LiteralString = """
update ops.api_keys
   set revoked_at = now()
 where id = %(id)s and revoked_at is null
"""


class KeyRefused(Exception):
    """A key can't be made like this: its name is empty or a scope does not exist."""


@dataclass(frozen=True)
class NewKey:
    """A key that was just made; `token` is shown to its owner now and never again."""

    id: str
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    token: str


@dataclass(frozen=True)
class ApiKey:
    """A key as the database has it."""

    id: str
    name: str
    secret_hash: bytes
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @property
    def granted(self) -> frozenset[str]:
        return granted(self.scopes)

    def accepts(self, secret: str, now: datetime) -> bool:
        """Whether this secret opens the door now. The comparison takes the same time for all."""
        right = hmac.compare_digest(self.secret_hash, hash_of(secret))
        return right and self.revoked_at is None and (not self.expires_at or now < self.expires_at)


def create_key(
    conn: psycopg.Connection[TupleRow],
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None = None,
) -> NewKey:
    """Make a key; `conn` acts as wharf_owner.

    Raises KeyRefused when a scope is neither "all" nor one of SCOPES, or the name is empty.
    """
    unknown = sorted(set(scopes) - SCOPES - {ALL})
    if unknown or not scopes:
        asked = f"there is no scope {', '.join(unknown)}" if unknown else "a key needs a scope"
        raise KeyRefused(f"{asked}; there are {ALL}, {', '.join(sorted(SCOPES))}")
    if not name.strip() or not name.isprintable():
        raise KeyRefused("a key needs a name, by which to know it again")
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise KeyRefused("the key would have expired already")
    id_, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    chosen = (ALL,) if ALL in scopes else tuple(sorted(set(scopes)))
    conn.execute(
        INSERT,
        {
            "id": id_,
            "name": name,
            "secret_hash": hash_of(secret),
            "scopes": list(chosen),
            "expires_at": expires_at,
        },
    )
    return NewKey(id_, name, chosen, expires_at, f"wharf_{id_}_{secret}")


def list_keys(conn: psycopg.Connection[TupleRow]) -> list[ApiKey]:
    """All keys ever made, oldest first."""
    with conn.cursor(row_factory=class_row(ApiKey)) as cursor:
        return cursor.execute(LIST).fetchall()


def revoke_key(conn: psycopg.Connection[TupleRow], id_: str) -> bool:
    """End a key; False when there is none of this id that is still good."""
    return conn.execute(REVOKE, {"id": id_}).rowcount == 1


def split(token: str) -> tuple[str, str] | None:
    """Id and secret, or None when this is no key of ours at all."""
    match = _TOKEN.fullmatch(token)
    return (match[1], match[2]) if match else None


def hash_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
