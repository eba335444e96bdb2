"""Jobs: which exports are wanted, who makes which, and what came of it.

An export is claimed by one compare-and-set and made outside of any transaction. Whoever makes it
renews the lease and says how far it is; when the lease ends, another makes it again from the start.
"""

from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row
from psycopg.types.json import Jsonb

LEASE_S = 60.0
RETRY_S = 10.0
ATTEMPTS_MAX = 5
KEPT_DAYS = 7
# For one caller, whatever became of them.
KEPT_MAX = 100

Connection = AsyncConnection[TupleRow]

_COLUMNS: LiteralString = """
id, actor, scopes, numbers, wish, created_at, attempts, lease, rows, bytes, sha256, file, position,
first_position, last_position, made_at, expires_at, failed_at, reason
"""

# At the same time a second wish may pass the count; it is no matter of life and death.
CREATE: LiteralString = (
    """
insert into ops.exports (id, actor, scopes, numbers, wish)
select %(id)s, %(actor)s, %(scopes)s, %(numbers)s, %(wish)s
 where (select count(*) from ops.exports where actor = %(actor)s) < %(most)s
returning """
    + _COLUMNS
)

LIST: LiteralString = (
    "select "
    + _COLUMNS
    + " from ops.exports where actor = %(actor)s order by created_at desc, id limit %(most)s"
)

FIND: LiteralString = (
    "select " + _COLUMNS + " from ops.exports where id = %(id)s and actor = %(actor)s"
)

DELETE: LiteralString = (
    "delete from ops.exports where id = %(id)s and actor = %(actor)s returning " + _COLUMNS
)

CLAIM: LiteralString = (
    """
update ops.exports
   set lease = %(lease)s,
       attempts = attempts + 1,
       rows = 0,
       next_at = now() + make_interval(secs => %(lease_s)s)
 where id = (
       select id
         from ops.exports
        where made_at is null and failed_at is null and next_at <= now()
        order by next_at
        limit 1
          for update skip locked)
   and made_at is null and failed_at is null and next_at <= now()
returning """
    + _COLUMNS
)

RENEW: LiteralString = """
update ops.exports
   set next_at = now() + make_interval(secs => %(lease_s)s), rows = %(rows)s
 where id = %(id)s and lease = %(lease)s and made_at is null
"""

FINISH: LiteralString = """
update ops.exports
   set made_at = now(), expires_at = now() + make_interval(days => %(days)s), lease = null,
       rows = %(rows)s, bytes = %(bytes)s, sha256 = %(sha256)s, file = %(file)s,
       position = %(position)s, first_position = %(first)s, last_position = %(last)s
 where id = %(id)s and lease = %(lease)s and made_at is null
"""

FAIL: LiteralString = """
update ops.exports
   set failed_at = now(), expires_at = now() + make_interval(days => %(days)s), lease = null,
       reason = %(reason)s
 where id = %(id)s and lease = %(lease)s and made_at is null
"""

AGAIN: LiteralString = """
update ops.exports
   set next_at = now() + make_interval(secs => %(wait_s)s), lease = null, rows = 0,
       reason = %(reason)s, attempts = attempts - %(uncounted)s
 where id = %(id)s and lease = %(lease)s and made_at is null
"""

DUE: LiteralString = """
select exists (select from ops.exports
                where made_at is null and failed_at is null and next_at <= now())
"""

# What is over its time, and of what is kept the oldest beyond so many bytes together.
DROP: LiteralString = """
delete from ops.exports
 where expires_at <= now()
    or id = any (array(
       select k.id
         from (select id, sum(bytes) over (order by made_at desc, id) as together
                 from ops.exports
                where made_at is not null) k
        where k.together > %(bytes_max)s))
returning file
"""

FILES: LiteralString = "select file from ops.exports where file is not null"


class Job(NamedTuple):
    """An export as it is kept."""

    id: UUID
    actor: str
    scopes: list[str]
    numbers: list[str] | None
    wish: dict[str, Any]
    created_at: datetime
    attempts: int
    lease: UUID | None
    rows: int
    bytes: int | None
    sha256: str | None
    file: str | None
    position: int | None
    first_position: int | None
    last_position: int | None
    made_at: datetime | None
    expires_at: datetime | None
    failed_at: datetime | None
    reason: str | None


class Made(NamedTuple):
    """The file that was made, and what is in it."""

    file: str
    rows: int
    bytes: int
    sha256: str
    position: int
    first: int | None
    last: int | None


async def create(
    conn: Connection, actor: str, scopes: list[str], numbers: list[str] | None, wish: dict[str, Any]
) -> Job | None:
    """A new export; None when the caller has as many as are kept."""
    facts = {"id": uuid4(), "actor": actor, "scopes": scopes, "numbers": numbers}
    return await _one(conn, CREATE, {**facts, "wish": Jsonb(wish), "most": KEPT_MAX})


async def of_actor(conn: Connection, actor: str) -> list[Job]:
    """The newest first."""
    async with conn.cursor(row_factory=class_row(Job)) as cursor:
        await cursor.execute(LIST, {"actor": actor, "most": KEPT_MAX})
        return await cursor.fetchall()


async def find(conn: Connection, id_: UUID, actor: str) -> Job | None:
    return await _one(conn, FIND, {"id": id_, "actor": actor})


async def delete(conn: Connection, id_: UUID, actor: str) -> Job | None:
    """What was there; whoever is making it notices that it is gone."""
    return await _one(conn, DELETE, {"id": id_, "actor": actor})


async def claim(conn: Connection) -> Job | None:
    """The export that has been due the longest, for the time of a lease."""
    return await _one(conn, CLAIM, {"lease": uuid4(), "lease_s": LEASE_S})


async def renew(conn: Connection, job: Job, rows: int) -> bool:
    """So far it is; False if it is somebody else's by now, or nobody wants it any more."""
    return await _changed(conn, RENEW, job, lease_s=LEASE_S, rows=rows)


async def finish(conn: Connection, job: Job, made: Made) -> bool:
    """It is ready. False as `renew`: then the file is to be thrown away."""
    return await _changed(conn, FINISH, job, days=KEPT_DAYS, **made._asdict())


async def fail(conn: Connection, job: Job, reason: str) -> bool:
    """It can't be made."""
    return await _changed(conn, FAIL, job, days=KEPT_DAYS, reason=reason)


async def again(conn: Connection, job: Job, reason: str | None, *, counted: bool) -> bool:
    """Make it again later; at once when nothing was wrong with it."""
    wait_s = RETRY_S if counted else 0.0
    return await _changed(
        conn, AGAIN, job, wait_s=wait_s, reason=reason, uncounted=0 if counted else 1
    )


async def is_due(conn: Connection) -> bool:
    return await (await conn.execute(DUE)).fetchone() == (True,)


async def drop(conn: Connection, bytes_max: int) -> list[str]:
    """Forget what is not kept any longer; its files."""
    rows = await (await conn.execute(DROP, {"bytes_max": bytes_max})).fetchall()
    return [row[0] for row in rows if row[0] is not None]


async def files(conn: Connection) -> set[str]:
    """The files that are wanted."""
    return {row[0] for row in await (await conn.execute(FILES)).fetchall()}


async def _one(conn: Connection, statement: LiteralString, facts: dict[str, Any]) -> Job | None:
    async with conn.cursor(row_factory=class_row(Job)) as cursor:
        await cursor.execute(statement, facts)
        return await cursor.fetchone()


async def _changed(conn: Connection, statement: LiteralString, job: Job, **more: Any) -> bool:
    facts = {"id": job.id, "lease": job.lease, **more}
    return (await conn.execute(statement, facts)).rowcount == 1
