"""What the tests of plans share: read tables that are not small."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from projections import versions
from projections.catalogue import VIEWS
from tests.architecture.seeding import SEED
from tests.conftest import new_database


@pytest.fixture(scope="session")
def seeded(server: str, template: str) -> Iterator[Connection[Any]]:
    """A connection that acts as the reader does."""
    with new_database(server, template) as url, psycopg.connect(url, autocommit=True) as conn:
        conn.execute("set role wharf_owner")
        # The indexes for readers are made after the rows, as in a rebuild: it takes half the time.
        made = [(view, versions.create(conn, view)) for view in VIEWS.values()]
        schemas = ",".join(version.schema_name for _, version in made)
        conn.execute("select set_config('search_path', %s, false)", (schemas,))
        conn.execute(SEED)
        for view, version in made:
            versions.finish(conn, view, version)
            versions.activate(conn, view, version.version)
        conn.execute("set role wharf_read")
        yield conn
