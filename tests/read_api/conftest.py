"""An inbox to fill by hand, and a client of the read API without the doors in front of it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import Connection, sql
from starlette.applications import Starlette
from starlette.authentication import AuthCredentials
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from events.database import asking_pool, reading_pool
from read_api.reading import Reading
from read_api.routes import routes
from tests.conftest import new_database
from wharf.ledger import LogLedger
from wharf.pasts import LogPasts
from wharf.problems import exception_handlers

CURSOR_KEY = b"a key of thirty-two bytes exactly"


@pytest.fixture(scope="session")
def shared_database(server: str, template: str) -> Iterator[str]:
    """One database for all tests that only read: emptying it takes less than making another."""
    with new_database(server, template) as url:
        yield url


@pytest.fixture
def inbox(shared_database: str) -> Iterator[Connection[Any]]:
    """A superuser's autocommitting connection that sees the active versions' tables by name."""
    with psycopg.connect(shared_database, autocommit=True) as conn:
        conn.execute(
            "select set_config('search_path', string_agg(quote_ident(schema_name), ','), false)"
            "  from read.active join read.versions using (view, version)"
        )
        tables = conn.execute(
            "select tablename from pg_tables where schemaname = any (current_schemas(false))"
        ).fetchall()
        for (table,) in tables:
            conn.execute(sql.SQL("truncate {}").format(sql.Identifier(table)))
        conn.execute("update read.versions set position = 0")
        yield conn


@pytest.fixture
async def reading(shared_database: str, inbox: Connection[Any]) -> AsyncIterator[Reading]:
    async with reading_pool(shared_database, size_max=4) as pool:
        yield Reading(pool, CURSOR_KEY)


@pytest.fixture
def scopes() -> list[str]:
    """What the client's key allows."""
    return ["pii:read"]


@pytest.fixture
async def ledger(shared_database: str) -> AsyncIterator[LogLedger]:
    async with asking_pool(shared_database, size_max=2) as pool:
        yield LogLedger(pool)


@pytest.fixture
def pasts(shared_database: str) -> Iterator[LogPasts]:
    with closing(LogPasts(shared_database)) as pasts:
        yield pasts


@pytest.fixture
async def client(
    reading: Reading, ledger: LogLedger, pasts: LogPasts, scopes: list[str]
) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(
        routes=[
            Route(path, one.endpoint, methods=[one.method])
            for one in routes(reading, ledger, pasts)
            for path in (one.path, one.path.removesuffix("/"))
        ],
        exception_handlers=exception_handlers(),
    )

    async def with_key(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "auth": AuthCredentials(scopes)}, receive, send)

    transport = httpx.ASGITransport(app=with_key, raise_app_exceptions=False)
    base = "http://test/api/whatsapp/"
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        yield client
