"""A process that dies, or loses its connection, at the n-th thing it asks of the database.

Every statement, `begin` and `commit` of psycopg passes through the method `wait` of a connection,
so these are all the points there are between two of them; what happens within one statement is
PostgreSQL's to undo.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple, cast
from unittest.mock import patch

import psycopg
from psycopg import AsyncConnection, Connection

How = Literal["dies", "is cut"]


class Died(BaseException):
    """No `except Exception` holds it, as none holds a kill -9."""


class Point(NamedTuple):
    """Before or after the `number`-th statement; `how` says whether the process lives on."""

    number: int
    when: Literal["before", "after"] = "after"
    how: How = "dies"


# Nothing happens: to count the points of a run.
NOWHERE = Point(0)


class Crash:
    """What has passed in a run until its point, and whether that was reached."""

    def __init__(self, point: Point) -> None:
        self.point = point
        self.passed = 0
        self.happened = False

    def _check(self, conn: Any, when: Literal["before", "after"]) -> None:
        if self.happened and self.point.how == "dies":
            raise Died
        if (self.passed + (when == "before"), when) == self.point[:2] and not self.happened:
            self.happened = True
            # The server sees the end of the connection, and nothing of what we meant to do.
            conn.pgconn.finish()
            if self.point.how == "dies":
                raise Died
            raise psycopg.OperationalError("the connection was lost")

    def before(self, conn: Any) -> None:
        self._check(conn, "before")

    def after(self, conn: Any) -> None:
        self.passed += 1
        self._check(conn, "after")


@contextmanager
def crashing(point: Point) -> Iterator[Crash]:
    """Whatever uses psycopg meanwhile crashes there; a Died ends the block and goes no further."""
    crash = Crash(point)
    wait, wait_async = cast("Any", Connection.wait), cast("Any", AsyncConnection.wait)

    def sync(conn: Any, *arguments: Any, **options: Any) -> Any:
        crash.before(conn)
        found = wait(conn, *arguments, **options)
        crash.after(conn)
        return found

    async def asynchronous(conn: Any, *arguments: Any, **options: Any) -> Any:
        crash.before(conn)
        found = await wait_async(conn, *arguments, **options)
        crash.after(conn)
        return found

    with (
        patch.object(Connection, "wait", sync),
        patch.object(AsyncConnection, "wait", asynchronous),
    ):
        try:
            yield crash
        except Died:
            assert crash.happened
