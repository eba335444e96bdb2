"""A worker that has written the first page of an export, and is never heard of again."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from read_api.exports import sources
from wharf.exports import export_work
from wharf.settings import Settings

WRITING = "writing"


def hang_after_the_first_page() -> None:
    whole = sources.Lists.pages

    async def pages(
        self: sources.Lists, kind: str, filters: sources.Items
    ) -> AsyncIterator[list[dict[str, Any]]]:
        async for page in whole(self, kind, filters):
            yield page
            sys.stdout.write(f"{WRITING}\n")
            sys.stdout.flush()
            await asyncio.Event().wait()

    sources.Lists.pages = pages  # type: ignore[method-assign]


if __name__ == "__main__":
    hang_after_the_first_page()
    export_work(sys.argv[1], Settings(data_dir=Path(sys.argv[2]))).work()
