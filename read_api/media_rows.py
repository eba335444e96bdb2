"""What a file is in an answer, and where it is found."""

from datetime import UTC, datetime
from typing import LiteralString, NamedTuple

from psycopg.rows import DictRow

from read_api.message_rows import STORED, media_url, milliseconds
from read_api.models.media import Media, State
from read_api.reading import Query, Reading

COLUMNS: LiteralString = """
       f.id, f.media_id, f.phone_number_id, f.message_id, f.stream, f.mime_type,
       f.stored_mime_type, f.filename, f.received_at, f.expires_at, f.state, f.stored_position,
       f.stored_at, f.sha256, f.size, f.failed_position, f.failed_at, f.reason, f.attempts
"""

# Two business numbers can know one media id; whoever has the file, it is the same.
BY_MEDIA_ID: LiteralString = f"""
select {COLUMNS}
  from media f
 where f.media_id = %(media_id)s and f.id is not null
 order by f.state <> 'stored', f.id
"""

GIVEN_UP: LiteralString = f"""
select {COLUMNS}
  from media f
 where f.state in ('failed', 'expired') and f.id is not null
 order by f.id
"""


class FoundMedia(NamedTuple):
    """A file for a command."""

    media_id: str
    phone_number_id: str
    message_id: str | None
    stream: str
    state: State
    failed_position: int | None


def media(row: DictRow) -> Media:
    """The file as in a list."""
    pending = row["state"] == "pending"
    failed = row["state"] != STORED and row["failed_at"] is not None
    return {
        "id": row["id"],
        "media_id": row["media_id"],
        "message_id": row["message_id"],
        "phone_number_id": row["phone_number_id"],
        "state": row["state"],
        "media_url": media_url(row["media_id"]) if row["state"] == STORED else None,
        "mime_type": row["stored_mime_type"] or row["mime_type"],
        "filename": row["filename"],
        "size": row["size"],
        "sha256": row["sha256"],
        "received_at": milliseconds(row["received_at"]),
        "expires_at": milliseconds(row["expires_at"]),
        # Meta forgets the file within a day: somebody should look why it has not come.
        "expires_soon": pending and (row["expires_at"] - datetime.now(UTC)).days < 1,
        "stored_at": row["stored_at"] and milliseconds(row["stored_at"]),
        "failed_at": row["failed_at"] and milliseconds(row["failed_at"]) if failed else None,
        "reason": row["reason"] if failed else None,
        "attempts": row["attempts"] if failed else None,
        "position": row["id"],
    }


async def find_media(reading: Reading, media_id: str) -> list[FoundMedia]:
    """The file on every business number that has it."""
    if not media_id.isprintable():
        return []
    answers = await reading.read([Query(BY_MEDIA_ID, {"media_id": media_id})])
    return [found(row) for row in answers.rows[0]]


async def find_given_up(reading: Reading) -> list[FoundMedia]:
    """Every file that failed or expired."""
    return [found(row) for row in (await reading.read([Query(GIVEN_UP, {})])).rows[0]]


def found(row: DictRow) -> FoundMedia:
    return FoundMedia(
        row["media_id"],
        row["phone_number_id"],
        row["message_id"],
        row["stream"],
        row["state"],
        row["failed_position"],
    )
