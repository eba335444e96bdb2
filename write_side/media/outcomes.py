"""Outcomes: the events that say what became of a file.

Their dedupe keys come from the cause, so whoever does the same work twice appends it once.
"""

from datetime import UTC, datetime

from events.catalogue import EventData, MediaFailed, MediaRequested, MediaStored
from events.dedupe import dedupe_key
from events.envelope import NewEvent
from write_side.media.fetching import Fetched
from write_side.media.jobs import Job

EXPIRED = "expired"


def stored(job: Job, fetched: Fetched) -> NewEvent:
    """A file is stored once, whoever asked how often."""
    data = MediaStored(
        media_id=job.media_id,
        phone_number_id=job.phone_number_id,
        message_id=job.message_id,
        sha256=fetched.sha256,
        size=fetched.size,
        mime_type=fetched.mime_type,
        store=fetched.store,
        attempts=job.attempts,
    )
    return _event(job, data, "media-stored")


def failed(job: Job, reason: str, *, final: bool) -> NewEvent:
    """One per attempt, and one when the file has expired."""
    data = MediaFailed(
        media_id=job.media_id,
        phone_number_id=job.phone_number_id,
        message_id=job.message_id,
        reason=reason,
        final=final,
        attempts=job.attempts,
    )
    which = EXPIRED if reason == EXPIRED else str(job.attempts)
    return _event(job, data, "media-failed", str(job.asked), which)


def requested(
    media_id: str,
    phone_number_id: str,
    message_id: str | None,
    *,
    stream: str,
    answers: int,
    actor: str,
) -> NewEvent:
    """A final failure is answered by one wish, whoever utters it."""
    data = MediaRequested(
        media_id=media_id,
        phone_number_id=phone_number_id,
        message_id=message_id,
        answers=answers,
    )
    return NewEvent(
        stream=stream,
        type="MediaRequested",
        version=MediaRequested.version,
        data=data.model_dump(exclude_none=True),
        occurred_at=datetime.now(UTC),
        dedupe=dedupe_key(0, "media-requested", phone_number_id, media_id, str(answers)),
        actor=actor,
        causation=answers,
    )


def _event(job: Job, data: EventData, kind: str, *which: str) -> NewEvent:
    # The time of the cause; the job keeps the one that it was made with.
    key_time_ms = int(job.received_at.timestamp() * 1000)
    return NewEvent(
        stream=job.stream,
        type=type(data).__name__,
        version=data.version,
        data=data.model_dump(exclude_none=True),
        occurred_at=datetime.now(UTC),
        dedupe=dedupe_key(key_time_ms, kind, job.phone_number_id, job.media_id, *which),
        causation=job.asked,
    )
