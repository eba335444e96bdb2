"""Connections for commands: what is wrong with the database, said in the words of the log."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from events.database import Pool
from events.errors import LogUnavailable

T = TypeVar("T")
Connection = AsyncConnection[TupleRow]


async def on_connection(pool: Pool, use: Callable[[Connection], Awaitable[T]]) -> T:
    """What `use` gives. Raises LogUnavailable where the database does not answer.

    After a restart of the database the idle connections are dead: they are weeded, and `use` is
    called once more. That is safe, since an append never fails with an error of psycopg's own.
    """
    for last in (False, True):
        try:
            async with pool.connection() as conn:
                return await use(conn)
        except (PoolTimeout, PoolClosed, TooManyRequests) as error:
            raise LogUnavailable("no connection to the database") from error
        except psycopg.OperationalError as error:
            if last:
                raise LogUnavailable("the database does not answer") from error
            await pool.check()
    raise AssertionError("the second try has returned or raised")
