"""Jobs: who is at which file, and when it is tried again.

A job is claimed by one compare-and-set, worked on outside of any transaction, and closed only by
whoever still has its lease. The lease's end is the time at which anybody may take it up again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row
from psycopg.types.json import Jsonb

# Longer than a file may take (Limits.file_s).
LEASE_S = 900.0
# Waits after the first, second, … attempt; the last one goes on until the file expires.
BACKOFF_S = (10.0, 60.0, 300.0, 1_800.0, 7_200.0, 21_600.0, 43_200.0, 86_400.0)
WARN_BEFORE_S = 24 * 3600.0

Connection = AsyncConnection[TupleRow]

# A job is there once. A later wish to try again opens it anew; the same wish again does nothing.
OPEN: LiteralString = """
insert into ops.media_jobs (media_id, phone_number_id, asked, stream, message_id, mime_type,
                            sha256_sent, url, received_at, expires_at)
select n.media_id, n.phone_number_id, n.asked, n.stream, n.message_id, n.mime_type,
       n.sha256_sent, n.url, n.received_at, n.expires_at
  from jsonb_to_recordset(%s) as n(
       media_id text, phone_number_id text, asked bigint, stream text, message_id text,
       mime_type text, sha256_sent text, url text, received_at timestamptz,
       expires_at timestamptz)
on conflict (media_id, phone_number_id) do update
   set asked = excluded.asked,
       attempts = 0,
       next_at = now(),
       lease = null,
       reason = null,
       closed_at = null
 where media_jobs.asked < excluded.asked
"""

_COLUMNS: LiteralString = """
media_id, phone_number_id, asked, stream, message_id, mime_type, sha256_sent, url,
received_at, expires_at, attempts, lease, now() >= expires_at as expired
"""

CLAIM: LiteralString = (
    """
update ops.media_jobs
   set lease = %(lease)s,
       attempts = attempts + 1,
       next_at = now() + make_interval(secs => %(lease_s)s)
 where (media_id, phone_number_id) = (
       select media_id, phone_number_id
         from ops.media_jobs
        where closed_at is null and next_at <= now()
        order by next_at
        limit 1
          for update skip locked)
   and closed_at is null and next_at <= now()
returning """
    + _COLUMNS
)

# Without a token nothing is downloaded, but what Meta has forgotten has expired all the same.
CLAIM_EXPIRED: LiteralString = (
    """
update ops.media_jobs
   set lease = %(lease)s,
       next_at = now() + make_interval(secs => %(lease_s)s)
 where (media_id, phone_number_id) = (
       select media_id, phone_number_id
         from ops.media_jobs
        where closed_at is null and next_at <= now() and expires_at <= now()
        order by expires_at
        limit 1
          for update skip locked)
   and closed_at is null and next_at <= now()
returning """
    + _COLUMNS
)

CLOSE: LiteralString = """
update ops.media_jobs
   set closed_at = now(), lease = null, reason = %(reason)s
 where media_id = %(media_id)s and phone_number_id = %(phone_number_id)s and lease = %(lease)s
"""

WAIT: LiteralString = """
update ops.media_jobs
   set next_at = least(now() + make_interval(secs => %(wait_s)s),
                       -- Meta forgets the file then: a last attempt, and not a day later.
                       greatest(expires_at, now() + make_interval(secs => %(least_s)s))),
       lease = null,
       reason = %(reason)s,
       attempts = %(attempts)s
 where media_id = %(media_id)s and phone_number_id = %(phone_number_id)s and lease = %(lease)s
"""

DUE: LiteralString = """
select exists (select from ops.media_jobs where closed_at is null and next_at <= now())
"""

WARN: LiteralString = """
update ops.media_jobs
   set warned_at = now()
 where closed_at is null and warned_at is null
   and expires_at <= now() + make_interval(secs => %(before_s)s)
returning expires_at
"""


class Pending(NamedTuple):
    """A file that the view has as pending; `asked` is the event that asked for it last."""

    media_id: str
    phone_number_id: str
    asked: int
    stream: str
    message_id: str | None
    mime_type: str | None
    sha256_sent: str | None
    url: str | None
    received_at: datetime
    expires_at: datetime


class Job(NamedTuple):
    """A claimed job; `attempts` counts this one."""

    media_id: str
    phone_number_id: str
    asked: int
    stream: str
    message_id: str | None
    mime_type: str | None
    sha256_sent: str | None
    url: str | None
    received_at: datetime
    expires_at: datetime
    attempts: int
    lease: UUID
    expired: bool


async def open_jobs(conn: Connection, pending: Sequence[Pending]) -> int:
    """A job for each file that has none yet, or was asked for anew; how many that were."""
    rows = [
        {
            **each._asdict(),
            "received_at": each.received_at.isoformat(),
            "expires_at": each.expires_at.isoformat(),
        }
        for each in pending
    ]
    return (await conn.execute(OPEN, (Jsonb(rows),))).rowcount


async def claim(conn: Connection, *, only_expired: bool = False) -> Job | None:
    """The job that has been due the longest, for the time of a lease; None if none is due."""
    facts = {"lease": uuid4(), "lease_s": LEASE_S}
    async with conn.cursor(row_factory=class_row(Job)) as cursor:
        await cursor.execute(CLAIM_EXPIRED if only_expired else CLAIM, facts)
        return await cursor.fetchone()


async def close(conn: Connection, job: Job, reason: str | None = None) -> bool:
    """Nothing is left to do; False if the lease was lost."""
    return (await conn.execute(CLOSE, _facts(job, reason=reason))).rowcount == 1


async def wait(conn: Connection, job: Job, wait_s: float, reason: str, *, counted: bool) -> bool:
    """Try again later; an attempt that does not count is forgotten. False if the lease was lost."""
    attempts = job.attempts if counted else job.attempts - 1
    facts = _facts(job, reason=reason, wait_s=wait_s, least_s=BACKOFF_S[0], attempts=attempts)
    return (await conn.execute(WAIT, facts)).rowcount == 1


async def is_due(conn: Connection) -> bool:
    """Whether there is anything to claim now."""
    row = await (await conn.execute(DUE)).fetchone()
    return row == (True,)


async def expiring(conn: Connection) -> list[datetime]:
    """When the files will be gone whose last day has begun, each told once."""
    rows = await (await conn.execute(WARN, {"before_s": WARN_BEFORE_S})).fetchall()
    return sorted(row[0] for row in rows)


def backoff_s(attempts: int) -> float:
    """How long to wait after so many attempts."""
    return BACKOFF_S[min(attempts, len(BACKOFF_S)) - 1]


def _facts(job: Job, **more: Any) -> dict[str, Any]:
    return {
        "media_id": job.media_id,
        "phone_number_id": job.phone_number_id,
        "lease": job.lease,
        **more,
    }
