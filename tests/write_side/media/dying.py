"""A process that downloads, and is gone at once when it comes to a step: python -m … URL GRAPH
FOLDER STEP.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from typing_extensions import override

from tests.write_side.media.graph import TOKEN
from write_side.media.addresses import Addresses
from write_side.media.fetching import Fetcher
from write_side.media.jobs import Pending
from write_side.media.store import LocalStore
from write_side.media.working import MediaWork

STEPS = (
    "media job claimed",
    "media chunk written",
    "media file received",
    "media file synced",
    "media file renamed",
    "media file stored",
    "media outcome appended",
    "media job closed",
)
KILLED = 137


class AtStep(logging.Handler):
    """Every step is logged at DEBUG; at one of them everything ends."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self._step = step

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == self._step:
            self.end()

    def end(self) -> None:
        os._exit(KILLED)


async def nothing_pending(after: int, limit: int) -> Sequence[Pending]:
    return []


async def main(url: str, graph: str, folder: str) -> None:
    fetcher = Fetcher(Addresses(graph, "v24.0"), TOKEN, LocalStore(Path(folder)))
    work = MediaWork(url, nothing_pending, fetcher)
    async with await work.connect() as conn:
        await work.do_due(conn)


if __name__ == "__main__":
    logging.getLogger("write_side.media").setLevel(logging.DEBUG)
    logging.getLogger("write_side.media").addHandler(AtStep(sys.argv[4]))
    asyncio.run(main(*sys.argv[1:4]))
