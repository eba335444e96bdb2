"""Bringing a database to this release: schema.sql, and a first version of each view."""

import logging
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg import Connection

from events.database import connect, to_primary
from events.errors import SchemaMismatch
from projections.catalogue import OURS, REGISTERED
from projections.versions import ensure
from projections.view import View

logger = logging.getLogger(__name__)

SCHEMA_VERSION = 2

# Any number that nobody else locks: two starters must not create the same things at once.
LOCK = 4_871_201_526


def schema_sql() -> str:
    """The text of schema.sql: from the checkout, or from inside an installed package."""
    here = Path(__file__).parent
    checkout = here.parent / "schema.sql"
    return (checkout if checkout.exists() else here / "schema.sql").read_text("utf-8")


def apply_schema(url: str) -> None:
    """Create or upgrade everything; applied twice, it changes nothing the second time.

    The login of `url` must be allowed to create roles. Raises SchemaMismatch when the database
    belongs to a newer release.
    """
    apply_sql(url)
    with connect(url, "wharf_owner") as owner:
        owner.execute("select pg_advisory_lock(%s)", (LOCK,))
        for view in OURS.values():
            ensure(owner, view)
        for view in REGISTERED.views.values():
            _ensure_registered(owner, view)


def apply_sql(url: str) -> None:
    """As `apply_schema`, without a first version of each view."""
    with psycopg.connect(to_primary(url)) as conn:
        conn.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
        refuse_newer(conn)
        conn.execute("set local client_min_messages = warning")
        conn.execute(cast("Any", schema_sql()))


def _ensure_registered(owner: Connection[Any], view: View) -> None:
    """Tables of somebody else's that PostgreSQL refuses are theirs to mend: everything goes on."""
    try:
        ensure(owner, view)
    except psycopg.OperationalError:
        raise
    except psycopg.Error:
        logger.exception(
            "a view could not be made",
            extra={"view": view.name, "package": REGISTERED.packages[view.name]},
        )


def has_schema(url: str) -> bool:
    """Whether the database at `url` has ever been set up."""
    with psycopg.connect(to_primary(url)) as conn:
        return conn.execute("select to_regclass('ops.schema_version')").fetchone() != (None,)


def refuse_newer(conn: Connection[Any]) -> None:
    """Raise SchemaMismatch when the database was made by a newer release."""
    if conn.execute("select to_regclass('ops.schema_version')").fetchone() == (None,):
        return
    found = conn.execute("select max(version) from ops.schema_version").fetchone()
    if found is not None and found[0] is not None and found[0] > SCHEMA_VERSION:
        raise SchemaMismatch(
            f"the database has schema {found[0]}, this program knows up to {SCHEMA_VERSION}: "
            "run the newer release"
        )
