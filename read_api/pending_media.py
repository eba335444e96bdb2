"""Which files are pending, for whoever downloads them."""

from datetime import datetime
from typing import LiteralString, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from events.database import connect_async
from read_api.entering import BEGIN, ENTER, FOR_VALUES

PENDING: LiteralString = """
select f.media_id, f.phone_number_id, f.asked, f.stream, f.message_id, f.mime_type, f.sha256_sent,
       f.url, f.received_at, f.expires_at
  from media f
 where f.state = 'pending' and f.asked > %(after)s and f.id is not null
 order by f.asked
 limit %(limit)s
"""


class PendingFile(NamedTuple):
    """`asked` is the position of the event that asked for the file last."""

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


class PendingMedia:
    """Asks the view `media` over one connection, made anew when it is lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._conn: AsyncConnection[TupleRow] | None = None

    async def __call__(self, after: int, limit: int) -> list[PendingFile]:
        """Asked for after a position, in that order; psycopg's errors when the database is away."""
        if self._conn is None or self._conn.closed:
            self._conn = await connect_async(self._url, "wharf_read")
        try:
            async with self._conn.pipeline():
                await self._conn.execute(BEGIN)
                await self._conn.execute(ENTER, {"view": "media", "plans": FOR_VALUES})
                cursor = self._conn.cursor(row_factory=class_row(PendingFile))
                await cursor.execute(PENDING, {"after": after, "limit": limit})
                await self._conn.execute("commit")
            return await cursor.fetchall()
        except BaseException:
            # It may be amid a transaction.
            await self._conn.close()
            raise

    async def close(self) -> None:
        if self._conn is not None:
            await self._conn.close()
