"""A database that is away when processes start is waited for."""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.system.ledger import SETTINGS, post
from tests.system.service import Place, as_url, caught_up, eventually
from tests.write_side.posting import delivery
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import apply_schema

pytestmark = pytest.mark.slow

WAITING = "the database does not answer: waiting for it"


class Database:
    """One whose name stays: an embedded server has another folder for its socket each time."""

    def __init__(self, folder: Path, link: Path) -> None:
        self._folder = folder
        self._link = link
        with self.running() as url:
            apply_schema(url)
        self.url = as_url(make_conninfo(url, host=str(link)))

    @contextmanager
    def running(self) -> Iterator[str]:
        with EmbeddedPostgres(self._folder) as url:
            self._link.symlink_to(str(conninfo_to_dict(url)["host"]))
            try:
                yield url
            finally:
                self._link.unlink()


@pytest.fixture
def away(tmp_path: Path) -> Iterator[Database]:
    """Our schema is in it, and it does not run."""
    with tempfile.TemporaryDirectory() as short:
        Path(short).chmod(0o711)
        yield Database(tmp_path / "postgres", Path(short) / "s")


def test_web_and_workers_start_when_it_is_there(away: Database, tmp_path: Path) -> None:
    place = Place(tmp_path, DATABASE_URL=away.url, **SETTINGS)
    try:
        web, worker = place.start("serve"), place.start("work")
        eventually(lambda: WAITING in web.said() and WAITING in worker.said(), "a wait")
        with away.running() as url:
            place.until_ready(web)
            answered = post(place, delivery())
            eventually(lambda: caught_up(url), "the view")
            place.end()
    finally:
        place.end()

    assert 200 == answered
    assert [1, 1] == [process.said().count(WAITING) for process in (web, worker)]


@pytest.mark.parametrize("command", ["up", "serve", "work"])
def test_who_waits_can_be_ended(place: Place, command: str) -> None:
    process = place.start(command, DATABASE_URL="postgresql:///wharf?host=/nowhere", **SETTINGS)
    eventually(lambda: WAITING in process.said(), "a wait")
    process.signal(signal.SIGTERM)

    assert process.exit_code() in (0, -signal.SIGTERM)
    assert "Traceback" not in process.said()


def test_who_finds_no_such_database_is_told_at_once(database: str, place: Place) -> None:
    there = as_url(database).replace("/test_", "/no_such_database_")
    done = place.run("serve", DATABASE_URL=there, **SETTINGS)

    assert 1 == done.returncode
    assert "does not exist" in done.stderr
    assert WAITING not in done.stderr
