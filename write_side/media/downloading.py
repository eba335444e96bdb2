"""Downloading: one job after the other, from claim to outcome.

Killed anywhere, the lease ends and the next one does it all again: an equal file replaces itself
and an event that is there already is not appended. So the order is file, event, job.
"""

import asyncio
import logging
from typing import Protocol

from events.append import append
from events.envelope import NewEvent
from write_side.media import jobs, outcomes
from write_side.media.failures import FetchFailed, Postponed
from write_side.media.fetching import Fetched, Wanted
from write_side.media.jobs import Connection, Job

logger = logging.getLogger(__name__)

# A disk that is full, or a folder that may not be written to.
STORE_WAIT_S = 60.0


class Fetch(Protocol):
    """Puts a file into the store; raises FetchFailed or Postponed."""

    async def fetch(self, wanted: Wanted) -> Fetched: ...
    def clear_leftovers(self) -> None: ...


async def download_one(conn: Connection, fetcher: Fetch) -> float | None:
    """Do the job that is due; how long to leave Meta alone then (0: not), None if none is due.

    Raises LogUnavailable while the log is away; the job is taken up again when its lease ends.
    """
    job = await jobs.claim(conn)
    if job is None:
        return None
    logger.debug("media job claimed")
    try:
        fetched = await fetcher.fetch(wanted(job))
    except asyncio.CancelledError:
        # The process ends: somebody else may have the job at once.
        await jobs.wait(conn, job, 0.0, "stopped", counted=False)
        raise
    except Postponed as problem:
        return await _postpone(conn, job, problem)
    except FetchFailed as problem:
        await _fail(conn, job, problem)
        return 0.0
    except OSError as error:
        logger.error("media file not stored", extra={"reason": str(error.strerror)})  # noqa: TRY400
        await jobs.wait(conn, job, STORE_WAIT_S, "store-failed", counted=False)
        return STORE_WAIT_S
    await _append(conn, outcomes.stored(job, fetched))
    logger.debug("media outcome appended")
    await jobs.close(conn, job)
    logger.debug("media job closed")
    logger.info("media stored", extra={"bytes": fetched.size, "attempts": job.attempts})
    return 0.0


async def expire_one(conn: Connection) -> bool:
    """Give up a file that Meta has forgotten; False if there is none."""
    job = await jobs.claim(conn, only_expired=True)
    if job is None:
        return False
    await _append(conn, outcomes.failed(job, outcomes.EXPIRED, final=True))
    await jobs.close(conn, job, outcomes.EXPIRED)
    return True


def wanted(job: Job) -> Wanted:
    return Wanted(
        media_id=job.media_id,
        url=job.url,
        sha256_sent=job.sha256_sent,
        mime_type=job.mime_type,
        received_at=job.received_at,
    )


async def _postpone(conn: Connection, job: Job, problem: Postponed) -> float:
    logger.warning("media postponed", extra={"reason": problem.reason, "wait_s": problem.wait_s})
    if job.expired:
        await _append(conn, outcomes.failed(job, outcomes.EXPIRED, final=True))
        await jobs.close(conn, job, problem.reason)
    else:
        await jobs.wait(conn, job, problem.wait_s, problem.reason, counted=False)
    return problem.wait_s


async def _fail(conn: Connection, job: Job, problem: FetchFailed) -> None:
    """The last attempt of a file that has expired says so, whatever else was wrong with it."""
    given_up = problem.tries_max is not None and job.attempts >= problem.tries_max
    final = given_up or job.expired
    reason = outcomes.EXPIRED if job.expired and not given_up else problem.reason
    await _append(conn, outcomes.failed(job, reason, final=final))
    logger.debug("media outcome appended")
    if final:
        await jobs.close(conn, job, problem.reason)
    else:
        await jobs.wait(conn, job, jobs.backoff_s(job.attempts), problem.reason, counted=True)
    logger.debug("media job closed")
    logger.warning(
        "media attempt failed",
        extra={"reason": problem.reason, "attempts": job.attempts, "final": final},
    )


async def _append(conn: Connection, event: NewEvent) -> None:
    await append(conn, [(None, event)])
