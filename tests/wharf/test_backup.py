"""Backup and restore: the log and ops in a file, and a database that is the same again."""

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from click.testing import CliRunner, Result

from events.checking import check
from events.database import connect
from projections.catalogue import VIEWS
from projections.verify import verify
from tests.architecture.dumping import dump
from tests.conftest import new_database
from tests.projections.log import message, post
from tests.projections.rebuilding import a_life
from tests.projections.waking import eventually
from tests.system.service import as_url
from wharf.backup import BackupFailed, backup
from wharf.cli import wharf
from wharf.postgres import binaries, clients, launch
from wharf.postgres.binaries import Binaries, version_of
from wharf.postgres.errors import ClientsMissing, ClusterVersionMismatch
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.restore import RestoreFailed, restore
from wharf.schema import SCHEMA_VERSION, apply_schema, has_schema
from wharf.settings import Settings

LOG: tuple[LiteralString, ...] = (
    "select e::text from log.events e order by position",
    "select d::text from log.deliveries d order by id",
    "select i::text from log.delivery_items i order by delivery_id, pointer",
    "select u::text from ops.users u order by name",
)


def lived_in(url: str) -> None:
    a_life(url)
    with psycopg.connect(url) as conn:
        conn.execute("insert into ops.users (name, role) values ('ana', 'admin')")
        conn.execute(
            "insert into ops.poison (view, version, position, error) values ('inbox', 1, 1, 'no')"
        )


@pytest.fixture(scope="module")
def lived(server: str, template: str) -> Iterator[str]:
    """A database that something has happened in; the tests only read it."""
    with new_database(server, template) as url:
        lived_in(url)
        yield url


def stored(url: str) -> list[Any]:
    with psycopg.connect(url) as conn:
        return [conn.execute(statement).fetchall() for statement in LOG]


def is_empty(url: str) -> bool:
    return stored(url) == [[], [], [], []]


def run(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(
        wharf, arguments, env={"DATABASE_URL": as_url(url)}, catch_exceptions=False
    )


@pytest.mark.slow
def test_a_restored_database_is_the_same_again(
    lived: str, other_database: str, tmp_path: Path
) -> None:
    """Rows, roles' grants, triggers and functions; the views come back by a rebuild."""
    file = tmp_path / "wharf.dump"
    written = run(lived, "backup", str(file))
    restored = run(other_database, "restore", str(file))

    assert "the log up to position 25 or beyond" in written.output
    assert 0o600 == file.stat().st_mode & 0o777
    assert [file] == list(tmp_path.iterdir())
    assert 0 == restored.exit_code, restored.output
    assert "inbox answers, at position 25" in restored.output
    assert stored(lived) == stored(other_database)
    for schema in ("log", "ops"):
        same = ("--schema-only", f"--schema={schema}")
        assert dump(lived, *same) == dump(other_database, *same)
    for view in VIEWS.values():
        assert [] == verify(other_database, view).differences
    with psycopg.connect(other_database) as conn:
        assert [] == conn.execute("select from ops.poison").fetchall()
    post(other_database, message("after", 99, phone="551"))
    assert len(stored(lived)[0]) + 1 == len(stored(other_database)[0])


@pytest.mark.slow
def test_it_is_one_instant_of_a_log_that_goes_on(
    database: str, other_database: str, tmp_path: Path
) -> None:
    stopping = threading.Event()
    posted = itertools.count()

    def write() -> None:
        while not stopping.is_set():
            number = next(posted)
            post(database, *(message(f"m{number}.{n}", n, phone="551") for n in range(20)))

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        eventually(lambda: len(stored(database)[0]) > 100)
        made = backup(database, tmp_path / "wharf.dump")
        reached = len(stored(database)[0])
        eventually(lambda: len(stored(database)[0]) > reached)
    finally:
        stopping.set()
        for writer in writers:
            writer.join()

    checked = restore(other_database, tmp_path / "wharf.dump")

    assert checked.sound
    assert made.position <= checked.events <= reached
    assert checked.events == checked.deliveries
    events, deliveries, _, _ = stored(other_database)
    everything = stored(database)
    assert everything[0][: len(events)] == events
    assert everything[1][: len(deliveries)] == deliveries


@pytest.fixture(scope="module")
def made(lived: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup that the tests only read."""
    file = tmp_path_factory.mktemp("backup") / "wharf.dump"
    backup(lived, file)
    return file


def test_a_database_with_something_in_it_is_left_alone(lived: str, made: Path) -> None:
    before = stored(lived)

    refused = run(lived, "restore", str(made))

    assert 1 == refused.exit_code
    assert "Error: nothing was restored: the database is not empty, and" in refused.output
    assert before == stored(lived)


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "nothing left": lambda whole: b"",
    "the head alone": lambda whole: whole[:100],
    "almost all of it": lambda whole: whole[:-20_000],
    "a byte less": lambda whole: whole[:-1],
    "another bit": lambda whole: whole[:50_000] + bytes([whole[50_000] ^ 1]) + whole[50_001:],
    "another program's": lambda whole: b"select 1;\n" * 100,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_was_cut_or_changed_is_refused_before_anything_is_touched(
    other_database: str, made: Path, tmp_path: Path, change: str
) -> None:
    """pg_restore would take most of them without a word."""
    changed = tmp_path / "changed.dump"
    changed.write_bytes(CHANGES[change](made.read_bytes()))

    with pytest.raises(RestoreFailed, match="is not what `wharf backup` wrote"):
        restore(other_database, changed)


def test_an_archive_that_its_reader_gives_up_on_restores_nothing(
    other_database: str, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the seal says: without the reader's own word nothing is committed."""
    cut = made.with_name("cut.dump")
    cut.write_bytes(made.read_bytes()[:30_000])
    monkeypatch.setattr("wharf.restore._check_archive", lambda clients, archive: None)

    with pytest.raises(RestoreFailed, match="can not be read whole"):
        restore(other_database, cut)

    assert is_empty(other_database)
    with connect(other_database, "wharf_write") as conn:
        assert check(conn).sound


def test_who_is_killed_in_the_middle_restores_nothing(
    other_database: str, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """psql hears no more and commits nothing: the commit is the last thing that is said to it."""

    class Killed(BaseException):
        pass

    def pass_some_on(script: Any, to: Any) -> None:
        to.write(script.read(20_000))
        to.flush()
        raise Killed

    monkeypatch.setattr("wharf.restore._pass_on", pass_some_on)
    with pytest.raises(Killed):
        restore(other_database, made)

    assert is_empty(other_database)
    monkeypatch.undo()
    assert restore(other_database, made).sound


def test_a_backup_of_a_newer_release_restores_nothing(
    database: str, other_database: str, tmp_path: Path
) -> None:
    with psycopg.connect(database) as conn:
        conn.execute("update ops.schema_version set version = %s", (SCHEMA_VERSION + 1,))
    backup(database, tmp_path / "newer.dump")

    with pytest.raises(RestoreFailed, match=f"the backup has schema {SCHEMA_VERSION + 1}"):
        restore(other_database, tmp_path / "newer.dump")

    assert is_empty(other_database)


def test_a_backup_that_fails_leaves_the_one_before(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "wharf.dump"
    file.write_text("yesterday's")
    failing = tmp_path / "bin"
    failing.mkdir()
    (failing / "pg_dump").write_text("#!/bin/sh\necho half\necho no disk >&2\nexit 1\n")
    (failing / "pg_dump").chmod(0o755)
    monkeypatch.setattr("wharf.backup.find_clients", lambda major: Binaries(failing, "18.0"))

    with pytest.raises(BackupFailed, match=r"pg_dump 18\.0 ended with 1: no disk"):
        backup(database, file)

    assert "yesterday's" == file.read_text()
    assert {file, failing} == set(tmp_path.iterdir())


def test_programs_that_are_older_than_the_server_are_refused_by_name() -> None:
    with pytest.raises(ClientsMissing, match="PostgreSQL 99, and no pg_dump here is of that"):
        clients.find_clients(99)


def test_a_password_is_no_argument_that_everybody_can_read() -> None:
    info, environment = clients.reached_by("postgresql://ana:pw@db/wharf")

    assert "pw" not in info
    assert "pw" == environment["PGPASSWORD"]


OLD = next((each for each in binaries.from_debian() if 15 <= int(each.parent.name) < 18), None)


@pytest.mark.deep
@pytest.mark.skipif(OLD is None, reason="no older PostgreSQL is installed")
def test_the_way_of_an_embedded_database_to_the_next_major_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands that the refusal names, with two real versions."""
    assert OLD is not None
    old = Binaries(OLD, version_of(OLD / "postgres"))
    settings = Settings(data_dir=tmp_path / "data")
    folder = settings.data_dir / "postgres"
    file = tmp_path / "wharf.dump"
    with monkeypatch.context() as by_the_old_release:
        by_the_old_release.setattr(launch, "find_pg_bin", lambda: old)
        with EmbeddedPostgres(folder) as url:
            apply_schema(url)
            lived_in(url)
            before = stored(url)
            backup(url, file)

    with pytest.raises(ClusterVersionMismatch) as refusal:
        EmbeddedPostgres(folder).start()
    folder.rename(folder.with_name(f"postgres-{old.major}"))
    with EmbeddedPostgres(folder) as url:
        assert not has_schema(url)
        assert restore(url, file).sound
        assert before == stored(url)

    told = str(refusal.value)
    assert "wharf backup wharf.dump" in told
    assert f"mv {folder} {folder}-{old.major}" in told
    assert "wharf restore wharf.dump" in told
