"""One embedded PostgreSQL for the whole run, and a database of its own for each test."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import apply_schema

_numbers = count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Conninfo of a scratch server's superuser. Its rows survive nothing: it does not fsync."""
    folder: Path = tmp_path_factory.mktemp("postgres")
    settings = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    with EmbeddedPostgres(folder, settings=settings) as url:
        yield url


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """The name of a database with the schema applied, to be copied."""
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute("create database wharf_template")
    apply_schema(make_conninfo(server, dbname="wharf_template"))
    return "wharf_template"


@pytest.fixture
def database(server: str, template: str) -> Iterator[str]:
    """Conninfo of an empty Wharf database that nobody else uses."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(
            sql.SQL("create database {} template {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        # A copy has no grants on the database itself; these are the ones of schema.sql.
        for grant in (
            "grant create, temporary on database {} to wharf_owner",
            "grant temporary on database {} to wharf_project",
        ):
            conn.execute(sql.SQL(grant).format(sql.Identifier(name)))
    yield make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
