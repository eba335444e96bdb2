"""API keys: made, listed and revoked."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any, LiteralString, NamedTuple

import psycopg
from psycopg.rows import TupleRow, class_row

from wharf.api_key import COLUMNS, ApiKey, hash_of
from wharf.scopes import ALL, NUMBERED_SCOPES, SCOPES

NUMBERS_MAX = 100
NETWORKS_MAX = 100

_NUMBER = re.compile(r"[\x21-\x7e]{1,64}")

INSERT: LiteralString = """
insert into ops.api_keys (id, name, secret_hash, scopes, expires_at, phone_number_ids, networks)
values (%(id)s, %(name)s, %(secret_hash)s, %(scopes)s, %(expires_at)s, %(phone_number_ids)s,
        %(networks)s::text[]::cidr[])
"""

LIST: LiteralString = f"""
select {COLUMNS}
  from ops.api_keys
 order by created_at, id
"""

REVOKE: LiteralString = """
update ops.api_keys
   set revoked_at = now()
 where id = %(id)s and revoked_at is null
"""


class KeyRefused(Exception):
    """A key can't be made like this; `errors` says of which part, as {pointer, code, message}."""

    def __init__(self, part: str, problem: str) -> None:
        super().__init__(problem)
        self.errors = [{"pointer": f"/{part}", "code": "refused", "message": problem}]


class Limits(NamedTuple):
    """What a key is good for beside its scopes; nothing that is left out limits it."""

    expires_at: datetime | None = None
    phone_number_ids: Sequence[str] = ()
    networks: Sequence[str] = ()


NO_LIMITS = Limits()


@dataclass(frozen=True)
class NewKey:
    """A key that was just made; `token` is shown to its owner now and never again."""

    id: str
    name: str
    scopes: tuple[str, ...]
    limits: Limits
    secret: str = field(repr=False)

    @property
    def token(self) -> str:
        return f"wharf_{self.id}_{self.secret}"

    def row(self) -> dict[str, Any]:
        """What INSERT takes."""
        return {
            "id": self.id,
            "name": self.name,
            "secret_hash": hash_of(self.secret),
            "scopes": list(self.scopes),
            "expires_at": self.limits.expires_at,
            "phone_number_ids": list(self.limits.phone_number_ids) or None,
            "networks": list(self.limits.networks) or None,
        }


def new_key(name: str, scopes: Sequence[str], limits: Limits = NO_LIMITS) -> NewKey:
    """A key that is nowhere yet: INSERT its row.

    Raises KeyRefused when a scope is neither "all" nor one of SCOPES, the name is empty, or the
    limits leave nothing to do.
    """
    unknown = sorted(set(scopes) - SCOPES - {ALL})
    if unknown or not scopes:
        asked = f"there is no scope {', '.join(unknown)}" if unknown else "a key needs a scope"
        raise KeyRefused("scopes", f"{asked}; there are {ALL}, {', '.join(sorted(SCOPES))}")
    if not name.strip() or not name.isprintable():
        raise KeyRefused("name", "a key needs a name, by which to know it again")
    checked = _checked(limits, scopes)
    id_, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    chosen = (ALL,) if ALL in scopes else tuple(sorted(set(scopes)))
    return NewKey(id_, name, chosen, checked, secret)


def _checked(limits: Limits, scopes: Sequence[str]) -> Limits:
    if limits.expires_at is not None and limits.expires_at <= datetime.now(UTC):
        raise KeyRefused("expires_at", "the key would have expired already")
    numbers = sorted(set(limits.phone_number_ids))
    if len(numbers) > NUMBERS_MAX or not all(_NUMBER.fullmatch(number) for number in numbers):
        problem = f"a number is meant by its phone_number_id, {NUMBERS_MAX} at most"
        raise KeyRefused("phone_number_ids", problem)
    beyond = sorted(set(scopes) - NUMBERED_SCOPES - {ALL})
    if numbers and beyond:
        raise KeyRefused("scopes", f"{', '.join(beyond)} can't be limited to some numbers")
    if len(limits.networks) > NETWORKS_MAX:
        raise KeyRefused("networks", f"{NETWORKS_MAX} networks at most")
    try:
        networks = sorted({str(ip_network(text)) for text in limits.networks})
    except ValueError:
        problem = "a network is written as 192.0.2.0/24 or 2001:db8::/32"
        raise KeyRefused("networks", problem) from None
    return Limits(limits.expires_at, numbers, networks)


def create_key(
    conn: psycopg.Connection[TupleRow], name: str, scopes: Sequence[str], limits: Limits = NO_LIMITS
) -> NewKey:
    """Make a key; `conn` acts as wharf_owner. Raises KeyRefused."""
    key = new_key(name, scopes, limits)
    conn.execute(INSERT, key.row())
    return key


def list_keys(conn: psycopg.Connection[TupleRow]) -> list[ApiKey]:
    """All keys ever made, oldest first."""
    with conn.cursor(row_factory=class_row(ApiKey)) as cursor:
        return cursor.execute(LIST).fetchall()


def revoke_key(conn: psycopg.Connection[TupleRow], id_: str) -> bool:
    """End a key; False when there is none of this id that is still good."""
    return conn.execute(REVOKE, {"id": id_}).rowcount == 1
