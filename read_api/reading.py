"""Reading: all statements of one question in one snapshot of the active version of the view.

A question of one statement is asked by itself where a connection has entered already. Several
statements go out in a pipeline, so a question costs one round trip, or two where a later statement
depends on what an earlier one found. A pipeline is a transaction by itself: only what takes two
says where it begins and ends.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, LiteralString, NamedTuple, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import BaseRowFactory, TupleRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from read_api import entering
from read_api.entering import BEGIN, FOR_ALL_VALUES, FOR_VALUES, Connection, Entered, enter
from read_api.errors import ProjectionBehind, StoreUnavailable

CHECKPOINT: LiteralString = """
select v.position
  from read.active a
  join read.versions v using (view, version)
 where a.view = %(view)s
"""

POLL_S = 0.02

T = TypeVar("T")
# Of dictionaries, or of what the query wants instead.
Rows = list[Any]


class Query(NamedTuple):
    """A statement with its named parameters, and whether one plan is good for all their values.

    A row is a dictionary where nothing else is wanted.
    """

    statement: LiteralString | sql.SQL | sql.Composed
    parameters: dict[str, Any]
    one_plan: bool = False
    row_factory: BaseRowFactory[Any] = dict_row


class Freshness(NamedTuple):
    """How new an answer has to be, how long to wait for that, and whether to fail then."""

    min_position: int = 0
    wait_s: float = 2.0
    stale_allowed: bool = False


AS_IT_IS = Freshness()


class Answers(NamedTuple):
    """The rows of each query, the position that the view had reached, and its version."""

    rows: list[Rows]
    position: int
    stale: bool = False
    version: int = 0


Then = Callable[[list[Rows]], Sequence[Query]]


class Reading:
    """What questions are answered from: a pool of reading connections, and a view.

    The tables of other views can be asked in the same statements; the position is this view's.
    `cursor_key` signs the cursors of lists; all processes behind one address share it.
    """

    def __init__(
        self, pool: AsyncConnectionPool[Connection], cursor_key: bytes, view: str = "inbox"
    ) -> None:
        self.cursor_key = cursor_key
        self._view = view
        self._pool = pool
        self._weeding = asyncio.Lock()
        self._weeded_at = 0.0

    async def read(
        self, queries: Sequence[Query], freshness: Freshness = AS_IT_IS, then: Then | None = None
    ) -> Answers:
        """Answer the queries, and those that `then` makes of their rows, in one snapshot.

        Where there is nothing to ask first, it makes them of no rows, without waiting for any.
        Raises ProjectionBehind when the view does not reach the asked position in time, and
        StoreUnavailable when the database does not answer, or takes too long to.
        """

        if then is not None and not queries:
            queries, then = then([]), None

        def asking(min_position: int) -> Callable[[Connection], Awaitable[Answers]]:
            return lambda conn: _snapshot(conn, self._view, queries, then, min_position)

        answers = await self._with_connection(asking(freshness.min_position))
        if answers.position >= freshness.min_position:
            return answers
        try:
            await self.reach(freshness.min_position, freshness.wait_s)
        except ProjectionBehind:
            if not freshness.stale_allowed:
                raise
        answers = await self._with_connection(asking(0))
        return answers._replace(stale=answers.position < freshness.min_position)

    async def reach(self, position: int, wait_s: float, view: str | None = None) -> None:
        """Return as soon as the view (this one, if not another is named) has reached the position.

        Raises ProjectionBehind when it does not in time.
        """
        deadline = time.monotonic() + wait_s
        asked = {"view": view or self._view}

        async def checkpoint(conn: Connection) -> int:
            return await _position(await conn.execute(CHECKPOINT, asked))

        while (current := await self._with_connection(checkpoint)) < position:
            if time.monotonic() >= deadline:
                raise ProjectionBehind(position, current)
            await asyncio.sleep(POLL_S)

    async def _with_connection(self, use: Callable[[Connection], Awaitable[T]]) -> T:
        """After a restart of the database all idle connections are dead: weed once, try again."""
        began = time.monotonic()
        try:
            return await self._attempt(use)
        except _ConnectionLost:
            await self._weed(began)
        try:
            return await self._attempt(use)
        except _ConnectionLost as lost:
            raise StoreUnavailable("the connection to the database was lost") from lost

    async def _attempt(self, use: Callable[[Connection], Awaitable[T]]) -> T:
        try:
            async with self._pool.connection() as conn:
                try:
                    return await use(conn)
                except psycopg.Error as error:
                    raise _translated(conn, error) from error
        except (PoolTimeout, PoolClosed, TooManyRequests) as error:
            raise StoreUnavailable("no connection to the database") from error

    async def _weed(self, noticed_at: float) -> None:
        async with self._weeding:
            # Everybody notices at the same moment; one look at the idle connections will do.
            if self._weeded_at < noticed_at:
                await self._pool.check()
                self._weeded_at = time.monotonic()


class _ConnectionLost(Exception):
    pass


async def _snapshot(
    conn: Connection,
    view: str,
    queries: Sequence[Query],
    then: Then | None,
    min_position: int,
) -> Answers:
    """Without the rows of `then` when the position is too small: nobody will want them."""
    one_plan = then is None and all(query.one_plan for query in queries)
    plans = FOR_ALL_VALUES if one_plan else FOR_VALUES
    to_stay = then is None and len(queries) == 1 and entering.may_stay(conn)
    if to_stay:
        place = entering.entered(conn, view, plans)
        answers = None if place is None else await _as_entered(conn, place, queries[0])
        if answers is not None:
            return answers
        entering.leave(conn)
    found: list[Rows] = []
    async with conn.pipeline() as pipeline:
        if then is not None:
            await conn.execute(BEGIN)
        entered = await enter(conn, view, plans, to_stay=to_stay)
        asked = [await ask(conn, query) for query in queries]
        if then is not None:
            await pipeline.sync()
            if await _position(entered) >= min_position:
                found = [await cursor.fetchall() for cursor in asked]
                asked += [await ask(conn, query) for query in then(found)]
            await conn.execute("commit")
    # Leaving the pipeline has fetched everything; from here on nothing waits for the server.
    found += [await cursor.fetchall() for cursor in asked[len(found) :]]
    position = await _position(entered)
    row = await entered.fetchone()
    assert row is not None  # or there would be no position
    assert row[2] == "repeatable read"  # as the pool has it, if nobody between took it away
    version = int(row[1])
    if to_stay:
        entering.stay(conn, Entered(view, plans, version))
    return Answers(found, position, version=version)


async def _as_entered(conn: Connection, place: Entered, query: Query) -> Answers | None:
    """By the one statement; None if the connection is not in the active versions any more."""
    text = query.statement if isinstance(query.statement, str) else query.statement.as_string()
    try:
        cursor = await ask(conn, query._replace(statement=entering.as_entered(text, place.view)))
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        return None
    result = cursor.pgresult
    assert result is not None  # it was a select
    if result.ntuples == 0:
        return None
    found, position = (result.get_value(0, result.nfields - n) for n in (2, 1))
    assert position is not None  # the view is among the active ones, or there would be no row
    rows = [] if found is None else await cursor.fetchall()
    for row in rows:
        if isinstance(row, dict):
            del row["answer_found"], row["answer_position"]
    return Answers([rows], int.from_bytes(position), version=place.version)


async def ask(conn: Connection, query: Query) -> psycopg.AsyncCursor[Any]:
    cursor = conn.cursor(row_factory=query.row_factory, binary=True)
    return await cursor.execute(query.statement, query.parameters)


async def _position(cursor: psycopg.AsyncCursor[TupleRow]) -> int:
    row = await cursor.fetchone()
    if row is None:
        raise StoreUnavailable("a view has no active version")
    await cursor.scroll(-1)
    return int(row[0])


def _translated(conn: Connection, error: psycopg.Error) -> Exception:
    if conn.broken or conn.closed:
        return _ConnectionLost()
    if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
        # The tables are another release's: the versions of this one are being built.
        return StoreUnavailable("a view has no active version of this release yet")
    if isinstance(error, psycopg.errors.QueryCanceled):
        return StoreUnavailable("the answer took too long; ask for less")
    if isinstance(error, psycopg.OperationalError):
        return StoreUnavailable(f"the database refuses work: {error.sqlstate}")
    return error
