"""The database is killed while a view is rebuilt: it comes back, and the rebuild goes on."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from events.envelope import Position
from projections import projector
from projections.inbox.view import INBOX
from projections.rebuild import RebuildRunning, rebuild
from projections.verify import verify
from projections.versions import Version
from tests.projections.rebuilding import a_life, active, dump
from tests.projections.waking import projecting
from tests.wharf.postgres.observing import answers, eventually, postmaster_pid
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import apply_schema

STEP = 7
HEAD = 25


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("killed") / "postgres"


@pytest.fixture(scope="module")
def server_of_its_own(folder: Path) -> Iterator[str]:
    """With a life that the view has applied; it can be killed, and does fsync."""
    with EmbeddedPostgres(folder) as url:
        apply_schema(url)
        a_life(url)
        with projecting(url) as working:
            working.catch_up("inbox")
        yield url


@pytest.mark.slow
@pytest.mark.parametrize(
    "at",
    [
        pytest.param(0, id="begun", marks=pytest.mark.deep),
        pytest.param(2 * STEP, id="filling"),
        pytest.param(HEAD, id="making indexes", marks=pytest.mark.deep),
    ],
)
def test_the_live_view_is_untouched_and_the_rebuild_goes_on(
    server_of_its_own: str, folder: Path, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server_of_its_own
    monkeypatch.setattr(projector.steps, "__defaults__", (STEP,))
    answering = active(url)
    before = dump(url, answering)

    def kill(position: Position, head: Position) -> None:
        if position == at:
            os.kill(postmaster_pid(folder), signal.SIGKILL)

    with pytest.raises(psycopg.OperationalError):
        rebuild(url, INBOX, kill)
    eventually(lambda: answers(url))
    assert answering == active(url)
    assert before == dump(url, answering)
    left = checkpoint(url, answering + 1)
    resumed, version = go_on(url)

    # A session of a server that was killed ends when it next waits, maybe a step later.
    assert at <= left == resumed[0]
    assert (answering + 1, answering + 1) == (version.version, active(url))
    assert before == dump(url, version.version)
    assert [] == verify(url, INBOX).differences


def checkpoint(url: str, version: int) -> int:
    with psycopg.connect(url) as conn:
        row = conn.execute(
            "select position from read.versions where view = 'inbox' and version = %s", (version,)
        ).fetchone()
    assert row is not None
    return int(row[0])


def go_on(url: str) -> tuple[list[int], Version]:
    """As `rebuild --resume`, when the server has noticed that nobody is at it any more."""
    positions: list[int] = []
    versions: list[Version] = []

    def gone_on() -> bool:
        positions.clear()
        try:
            versions.append(
                rebuild(url, INBOX, lambda position, head: positions.append(position), resume=True)
            )
        except (RebuildRunning, psycopg.OperationalError):
            return False
        return True

    eventually(gone_on)
    return positions, versions[0]
