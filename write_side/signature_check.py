"""Checks the signature of every stored body again: are these the bytes that Meta signed?"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import LiteralString

import psycopg
from psycopg.rows import TupleRow

from write_side.signature import AppSecret, signer

# Bodies come one by one, so memory stays flat; the statement ends before its snapshot is old.
PIECE = 1_000

PIECE_OF_BODIES: LiteralString = """
select d.id, d.body, d.sha256, d.signature, d.secret
  from log.deliveries d
 where d.id > %(after)s and d.id <= %(to)s
 order by d.id
"""
NEWEST: LiteralString = "select coalesce(max(d.id), 0) from log.deliveries d"


@dataclass
class OfSecret:
    """Deliveries signed with one secret. Without the secret they can't be checked: `unchecked`."""

    right: int = 0
    wrong: int = 0
    unchecked: int = 0


@dataclass
class Checked:
    """Counts by the fingerprint of the secret, and the ids of the first deliveries that failed."""

    secrets: dict[str, OfSecret] = field(default_factory=dict)
    wrong: list[int] = field(default_factory=list)
    up_to: int = 0

    @property
    def failed(self) -> int:
        return sum(each.wrong for each in self.secrets.values())


WRONG_SHOWN_MAX = 100


def check_signatures(
    conn: psycopg.Connection[TupleRow],
    secrets: Sequence[AppSecret],
    on_progress: Callable[[Checked], None] = lambda checked: None,
) -> Checked:
    """Check every delivery that is there now, oldest first; `conn` acts as wharf_write.

    A delivery is right when its SHA-256 is that of its bytes and its signature was made of them
    with the secret that the fingerprint names. A fingerprint that none of `secrets` has is of a
    secret that was rotated out; then the SHA-256 alone can be wrong.
    """
    known = {secret.fingerprint: secret for secret in secrets}
    checked = Checked()
    row = conn.execute(NEWEST).fetchone()
    newest = 0 if row is None else int(row[0])
    while checked.up_to < newest:
        to = min(checked.up_to + PIECE, newest)
        with conn.cursor(binary=True) as cursor:
            bounds = {"after": checked.up_to, "to": to}
            for id_, body, sha256, signature, fingerprint in cursor.stream(PIECE_OF_BODIES, bounds):
                count = checked.secrets.setdefault(fingerprint, OfSecret())
                secret = known.get(fingerprint)
                if hashlib.sha256(body).digest() != sha256 or (
                    secret and not signer([secret], body, signature.encode())
                ):
                    count.wrong += 1
                    if len(checked.wrong) < WRONG_SHOWN_MAX:
                        checked.wrong.append(id_)
                elif secret:
                    count.right += 1
                else:
                    count.unchecked += 1
        checked.up_to = to
        on_progress(checked)
    return checked
