"""One embedded PostgreSQL for each process of the run, and a database of its own for each test."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import apply_schema

pytest_plugins = ["tests.buckets"]

_numbers = count(1)


# Linux's disk in memory: a copy of the template takes a quarter of the time there.
MEMORY = Path("/dev/shm")
MEMORY_FREE_MIN = 2 * 1024**3
SCRATCH = "wharf-tests-"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Conninfo of a scratch server's superuser. Its rows survive nothing: it does not fsync."""
    settings = {
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "max_wal_size": "128MB",
    }
    folder = scratch_folder()
    try:
        with EmbeddedPostgres(folder / "postgres", settings=settings) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def scratch_folder() -> Path:
    """In memory where there is room; what killed runs left there is removed first."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < MEMORY_FREE_MIN:
        return Path(tempfile.mkdtemp(prefix=SCRATCH))
    for left in MEMORY.glob(f"{SCRATCH}*"):
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-", dir=MEMORY))


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
    with new_database(server, template) as url:
        yield url


@pytest.fixture
def other_database(server: str, template: str) -> Iterator[str]:
    """Another one, to compare with."""
    with new_database(server, template) as url:
        yield url


@contextmanager
def new_database(server: str, template: str) -> Iterator[str]:
    """Conninfo of a copy of the template, dropped at the end."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(
            # Nothing has to reach a disk here: copying files takes half the time of logging them.
            sql.SQL("create database {} template {} strategy file_copy").format(
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
