"""A database with messages that refer to files, its view `media`, and somebody who downloads."""

import asyncio
import base64
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import psycopg
from psycopg.rows import dict_row

from projections import projector, versions
from projections.media.view import MEDIA
from projections.verify import Difference, verify
from read_api.pending_media import PendingMedia
from tests.projections.log import NOON, NUMBER, Row, post
from tests.write_side.media.graph import MEDIA_ID, PICTURE, Graph
from write_side.media.downloading import Fetch
from write_side.media.jobs import Pending
from write_side.media.working import MediaWork

PHONE = "5511987654321"


def picture(
    wamid: str = "wamid.1",
    *,
    media_id: str = MEDIA_ID,
    content: bytes = PICTURE,
    number: str = NUMBER,
    **more: object,
) -> Row:
    """The value of a change with one picture, which came just now."""
    image = {
        "id": media_id,
        "mime_type": "image/jpeg",
        "sha256": base64.b64encode(sha256(content).digest()).decode(),
        **more,
    }
    item = {"id": wamid, "from": PHONE, "timestamp": str(NOON), "type": "image", "image": image}
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": number},
        "messages": [item],
    }


class Place:
    """Everything that has to do with files, a step at a time."""

    def __init__(self, url: str, graph: Graph, fetcher: Fetch | None) -> None:
        self.url, self.graph = url, graph
        self._projector = projector.connect_projector(url)
        self._find = PendingMedia(url)
        self.work = self.worker(fetcher)

    def worker(self, fetcher: Fetch | None) -> MediaWork:
        return MediaWork(self.url, self.find_pending, fetcher)

    async def find_pending(self, after: int, limit: int) -> Sequence[Pending]:
        return [Pending(*each) for each in await self._find(after, limit)]

    async def close(self) -> None:
        self._projector.close()
        await self._find.close()

    async def got(self, *values: Row) -> None:
        """Deliveries came, were projected, and jobs were made."""
        await asyncio.to_thread(post, self.url, *values)
        await self.plan()

    async def plan(self) -> bool:
        self.catch_up()
        async with await self.work.connect() as conn:
            return await self.work.plan(conn)

    async def download(self, work: MediaWork | None = None) -> None:
        """What is due is done, and projected."""
        work = work or self.work
        async with await work.connect() as conn:
            await work.do_due(conn)
        self.catch_up()

    def catch_up(self) -> None:
        projector.catch_up(self._projector, MEDIA, 1)

    def row(self) -> dict[str, Any]:
        """The one file, as the view has it."""
        (row,) = self.rows()
        return row

    def rows(self) -> list[dict[str, Any]]:
        with self._projector.transaction():
            versions.enter(self._projector, "media_1")
            with self._projector.cursor(row_factory=dict_row) as cursor:
                return cursor.execute("select * from media order by id").fetchall()

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """What was appended about files, oldest first."""
        return [
            (row[0], row[1])
            for row in self.sql(
                "select type, data from log.events where type like 'Media%%' order by position"
            )
        ]

    def jobs(self) -> list[tuple[Any, ...]]:
        """State of each job: whether it is closed, attempts and reason."""
        return self.sql(
            "select closed_at is not null, attempts, reason from ops.media_jobs order by asked"
        )

    def hurry(self) -> None:
        """All waiting and all leases are over."""
        self.sql("update ops.media_jobs set next_at = now() - interval '1 s' returning 1")

    def age(self, days: float) -> None:
        """All files are so much older than they were."""
        self.sql(
            "update ops.media_jobs set expires_at = expires_at - make_interval(secs => %s),"
            " received_at = received_at - make_interval(secs => %s) returning 1",
            days * 86_400,
            days * 86_400,
        )

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as conn:
            return conn.execute(query.encode(), values).fetchall()

    def verified(self) -> list[Difference]:
        return verify(self.url, MEDIA).differences
