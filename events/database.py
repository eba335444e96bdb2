"""The way to the database: connections as one of the four roles, and the web process's pools.

A pool goes to a pooler where there is one (pgbouncer in transaction mode). What is set in a session
there meets the next client, and a prepared statement is somewhere else the next time: so nothing is
set and nothing prepared, we sign in as the role itself, and its limits are the role's own.
"""

from typing import Literal

import psycopg
from psycopg import AsyncConnection, conninfo
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

Role = Literal["wharf_owner", "wharf_write", "wharf_project", "wharf_read"]

Pool = AsyncConnectionPool[AsyncConnection[TupleRow]]

CONNECT_TIMEOUT_S = 5
# The append lock is held for one statement; a wait this long means that its holder is stuck.
LOCK_TIMEOUT_MS = 5_000
_ONE_SNAPSHOT = (
    r"-c default_transaction_isolation=repeatable\ read -c default_transaction_read_only=on"
)


def as_role(
    url: str,
    role: Role,
    *,
    statement_timeout_ms: int = 0,
    lock_timeout_ms: int = 0,
    idle_in_transaction_timeout_ms: int = 0,
) -> str:
    """Conninfo for `url` that acts as `role` from its first statement. A time of 0 is no limit.

    Where `url` names several hosts, only readers may end up at a standby, and only if it asks for
    that itself (`target_session_attrs=prefer-standby`).
    """
    settings = {
        "role": role,
        "statement_timeout": statement_timeout_ms,
        "lock_timeout": lock_timeout_ms,
        "idle_in_transaction_session_timeout": idle_in_transaction_timeout_ms,
    }
    params = conninfo.conninfo_to_dict(in_time(to_primary(url)))
    if role == "wharf_read" and "target_session_attrs" in params:
        # A session that only reads is none that a server takes writes in.
        asked = conninfo.conninfo_to_dict(url).get("target_session_attrs")
        params["target_session_attrs"] = asked or "primary"
    given = params.get("options") or ""
    options = " ".join([str(given), *(f"-c {name}={value}" for name, value in settings.items())])
    return conninfo.make_conninfo(
        conninfo.make_conninfo("", **params),
        options=options.strip(),
        application_name=role.replace("_", "-"),
    )


def to_primary(url: str) -> str:
    """Conninfo for the one of several hosts that takes writes, whichever it is at the time."""
    params = conninfo.conninfo_to_dict(url)
    if any("," in str(params.get(hosts)) for hosts in ("host", "hostaddr")):
        params["target_session_attrs"] = "read-write"
    return conninfo.make_conninfo("", **params)


def in_time(url: str) -> str:
    """Conninfo for `url` that gives up after CONNECT_TIMEOUT_S, if it says no other time."""
    return conninfo.make_conninfo(
        "", **{"connect_timeout": CONNECT_TIMEOUT_S, **conninfo.conninfo_to_dict(url)}
    )


def connect(url: str, role: Role, **limits: int) -> psycopg.Connection[TupleRow]:
    """An autocommitting connection as `role`; for the limits see `as_role`."""
    return psycopg.connect(as_role(url, role, **limits), autocommit=True)


async def connect_async(url: str, role: Role, **limits: int) -> AsyncConnection[TupleRow]:
    """As `connect`, for an event loop."""
    return await AsyncConnection.connect(as_role(url, role, **limits), autocommit=True)


def as_login(pooler: str, role: Role) -> str:
    """Conninfo for the pooler that signs in as `role`; schema.sql gives that role its limits."""
    return conninfo.make_conninfo(
        in_time(pooler), user=role, application_name=role.replace("_", "-")
    )


async def connect_pooled(pooler: str, role: Role) -> AsyncConnection[TupleRow]:
    """An autocommitting connection through the pooler, good for one transaction at a time."""
    return await AsyncConnection.connect(
        as_login(pooler, role), autocommit=True, prepare_threshold=None
    )


def has_session(conn: AsyncConnection[TupleRow]) -> bool:
    """Whether what is set now is there the next time: not where a pooler is between."""
    return conn.prepare_threshold is not None


def reading_pool(url: str, *, size_max: int, pooler: str | None = None) -> Pool:
    """A pool (not yet open) of connections that can only read the read tables.

    What a pipeline of one asks is one transaction, and so answered from one snapshot.
    """
    info = as_role(
        url, "wharf_read", statement_timeout_ms=5_000, idle_in_transaction_timeout_ms=10_000
    )
    options = f"{conninfo.conninfo_to_dict(info)['options']} {_ONE_SNAPSHOT}"
    return _pool("wharf_read", conninfo.make_conninfo(info, options=options), pooler, size_max)


def writing_pool(url: str, *, size_max: int, pooler: str | None = None) -> Pool:
    """A pool (not yet open) of connections that can look at the log and append to it."""
    info = as_role(url, "wharf_write", lock_timeout_ms=LOCK_TIMEOUT_MS)
    return _pool("wharf_write", info, pooler, size_max)


def asking_pool(url: str, *, size_max: int, pooler: str | None = None) -> Pool:
    """A pool (not yet open) for questions to the log itself, which may not take long."""
    info = as_role(url, "wharf_write", statement_timeout_ms=5_000)
    return _pool("wharf_write", info, pooler, size_max)


def looking_pool(url: str, *, size_max: int, pooler: str | None = None) -> Pool:
    """A pool (not yet open) for questions of who looks after the views, as wharf_project."""
    info = as_role(url, "wharf_project", statement_timeout_ms=5_000)
    return _pool("wharf_project", info, pooler, size_max)


def _pool(role: Role, direct: str, pooler: str | None, size_max: int) -> Pool:
    """It keeps none open by force and gives up a failed attempt soon: with its defaults the pool
    waits up to 20 s after PostgreSQL is back before it tries again.
    """
    prepared = {} if pooler is None else {"prepare_threshold": None}
    return AsyncConnectionPool(
        direct if pooler is None else as_login(pooler, role),
        min_size=0,
        max_size=size_max,
        timeout=2.0,
        reconnect_timeout=1.0,
        max_idle=300.0,
        open=False,
        kwargs={"autocommit": True, **prepared},
    )
