"""PostgreSQL itself dies after a commit: a 200 is on the disk, unless it was set up not to be."""

import os
import signal
from pathlib import Path

import psycopg
import pytest

from tests.crash_points.dying import NOWHERE
from tests.crash_points.intaking import life, lost, traffic
from tests.wharf.postgres.observing import eventually, postmaster_pid, started_at
from tests.write_side.posting import Store
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import apply_schema

pytestmark = pytest.mark.slow

# So far apart, what is left to the WAL writer is in memory alone; it might look just then, so more
# than one kill is tried.
LOOKS = "10s"


@pytest.mark.parametrize("synchronous_commit", ["on", "off"])
async def test_what_was_answered_outlives_the_server_if_commits_are_synchronous(
    tmp_path: Path, synchronous_commit: str
) -> None:
    """Off is the control: a check that saw nothing missing then would never see anything."""
    folder = tmp_path / "postgres"
    settings = {"synchronous_commit": synchronous_commit, "wal_writer_delay": LOOKS}
    groups = traffic()[:1]
    missing: list[bytes] = []
    with EmbeddedPostgres(folder, settings=settings) as url:
        apply_schema(url)
        for groups in [[group] for group in traffic()]:
            Store(url).execute("checkpoint")
            acknowledged, _ = await life(url, groups, NOWHERE)
            before = started_at(url)
            os.kill(postmaster_pid(folder), signal.SIGKILL)
            eventually(lambda before=before: back(url, before))  # type: ignore[misc]
            missing += lost(url, acknowledged)
            if missing:
                break

    assert bool(missing) == (synchronous_commit == "off")


def back(url: str, before: str) -> bool:
    """Its supervisor has started it again."""
    try:
        return started_at(url) != before
    except psycopg.OperationalError:
        return False
