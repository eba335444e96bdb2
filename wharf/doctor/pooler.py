"""The doctor's look through the pooler: who we are there, and which limits hold."""

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg

from events.database import Role, as_login
from wharf.doctor.findings import Finding, ok, wrong

_SESSION: LiteralString = """
select current_user::text, current_setting('lock_timeout') <> '0',
       current_setting('statement_timeout') <> '0',
       current_setting('default_transaction_isolation') = 'repeatable read'
"""
_ROLES: tuple[Role, ...] = ("wharf_write", "wharf_read", "wharf_project")


def look_at_pooler(pooler: str) -> Iterator[Finding]:
    """One finding; the first that is wrong, where something is."""
    for role in _ROLES:
        try:
            found = _session(pooler, role)
        except psycopg.Error as error:
            told = str(error).strip().splitlines()[0]
            yield wrong("pooler", f"{role}: {told}", 'see "With pgbouncer" in docs/running.md')
            return
        user, lock_limit, limit, repeatable = found
        if user != role:
            yield wrong(
                "pooler", f"who signs in as {role} is {user}", "let the pooler pass users on"
            )
            return
        if not limit or (role == "wharf_write" and not lock_limit):
            yield wrong("pooler", f"{role} has no limits there", "run `wharf schema apply`")
            return
        if role == "wharf_read" and not repeatable:
            yield wrong("pooler", "questions see no single snapshot", "run `wharf schema apply`")
            return
    yield ok("pooler", "signs in as three roles, each with its limits")


def _session(pooler: str, role: Role) -> tuple[Any, ...]:
    with psycopg.connect(as_login(pooler, role), autocommit=True, prepare_threshold=None) as conn:
        row = conn.execute(_SESSION).fetchone()
    assert row is not None  # it always answers one
    return tuple(row)
