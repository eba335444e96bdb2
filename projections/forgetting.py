"""Forgetting a view whose package is gone: nobody keeps it up to date any more."""

from typing import Any

from psycopg import Connection

from projections import versions
from projections.versions import Version


def forget(conn: Connection[Any], view: str) -> list[Version]:
    """Drop every version of a view, with its rows and plain views; what was dropped.

    `conn` acts as wharf_owner. The log has what the rows were made of.
    """
    with conn.transaction():
        conn.execute("delete from read.active where view = %s", (view,))
        found = versions.versions(conn, view)
        for version in found:
            # Its plain views go with the tables that they show.
            versions.drop(conn, version)
    return found
