"""An API key as the database has it: `wharf_<id>_<secret>`, of which only a hash is kept.

The secret has 256 random bits, so a fast hash without salt is enough: nobody can try them all.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Literal, LiteralString

from wharf.scopes import NUMBERED_SCOPES, granted

Network = IPv4Network | IPv6Network

_TOKEN = re.compile(r"wharf_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")

COLUMNS: LiteralString = """
       id, name, secret_hash, scopes, created_at, expires_at, revoked_at, phone_number_ids,
       networks, last_used_at
"""

FIND: LiteralString = f"""
select {COLUMNS}
  from ops.api_keys
 where id = %s
"""


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
    phone_number_ids: list[str] | None = None
    networks: list[Network] | None = None
    last_used_at: datetime | None = None

    @property
    def granted(self) -> frozenset[str]:
        """The scopes; one that may see some numbers alone has none that could show more."""
        found = granted(self.scopes)
        return found if self.phone_number_ids is None else found & NUMBERED_SCOPES

    @property
    def state(self) -> Literal["valid", "revoked", "expired"]:
        if self.revoked_at is not None:
            return "revoked"
        over = self.expires_at is not None and self.expires_at <= datetime.now(UTC)
        return "expired" if over else "valid"

    def accepts(self, secret: str, now: datetime) -> bool:
        """Whether this secret opens the door now. The comparison takes the same time for all."""
        right = hmac.compare_digest(self.secret_hash, hash_of(secret))
        return right and self.revoked_at is None and (not self.expires_at or now < self.expires_at)

    def comes_from(self, host: str | None) -> bool:
        """Whether it may be used from this address."""
        if self.networks is None:
            return True
        try:
            address = ip_address(host or "")
        except ValueError:
            return False
        # A socket that speaks both tells of IPv4 in this way.
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self.networks)


def split(token: str) -> tuple[str, str] | None:
    """Id and secret, or None when this is no key of ours at all."""
    match = _TOKEN.fullmatch(token)
    return (match[1], match[2]) if match else None


def hash_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
