"""Answers come back by themselves after the database was killed and is there again."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.database import reading_pool
from read_api.errors import StoreUnavailable
from read_api.reading import Answers, Query, Reading
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import apply_schema

STARTED = Query("select pg_postmaster_start_time() as at, count(*) as count from messages", {})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "postgres"


@pytest.fixture
def own_server(folder: Path) -> Iterator[str]:
    with EmbeddedPostgres(folder, settings={"fsync": "off"}) as url:
        apply_schema(url)
        yield url


async def answered_by_another(reading: Reading, before: Answers) -> Answers:
    """The first answer of a server that was started later; refusals in between are its right."""
    while True:
        try:
            answers = await reading.read([STARTED])
        except StoreUnavailable:
            continue
        if answers != before:
            return answers


@pytest.mark.slow
async def test_a_killed_database_is_asked_again_when_it_is_back(
    own_server: str, folder: Path
) -> None:
    async with reading_pool(own_server, size_max=4) as pool:
        reading = Reading(pool, b"key")
        before = await reading.read([STARTED])
        postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])

        os.kill(postmaster, signal.SIGKILL)
        answers = await answered_by_another(reading, before)

        assert 0 == answers.rows[0][0]["count"]
