"""Starting and joining the embedded PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.wharf.postgres.observing import eventually, postmaster_pid, server_log, started_at
from tests.wharf.postgres.user_process import UserProcess
from wharf.postgres.account import server_account
from wharf.postgres.cluster import Cluster
from wharf.postgres.runtime import make_runtime
from wharf.postgres.supervisor import EmbeddedPostgres

pytestmark = pytest.mark.slow


@pytest.fixture
def innocent() -> Iterator[subprocess.Popen[bytes]]:
    """A process of the very user who runs the server, which PostgreSQL takes for its own."""
    account = server_account()
    if account.switch:
        process = subprocess.Popen(
            ["sleep", "3600"], user=account.uid, group=account.gid, extra_groups=[]
        )
    else:
        process = subprocess.Popen(["sleep", "3600"])
    with process:
        yield process
        process.kill()


def test_rows_are_still_there_after_a_restart(shared_folder: Path) -> None:
    with EmbeddedPostgres(shared_folder) as conninfo, psycopg.connect(conninfo) as database:
        assert (shared_folder / "data").stat().st_uid == server_account().uid != 0
        database.execute("create table kept (n int)")
        database.execute("insert into kept values (7)")

    with EmbeddedPostgres(shared_folder) as conninfo, psycopg.connect(conninfo) as database:
        assert database.execute("select n from kept").fetchall() == [(7,)]

        database.execute("drop table kept")


def test_the_conninfo_leads_a_superuser_to_the_database_wharf(shared_folder: Path) -> None:
    with EmbeddedPostgres(shared_folder) as conninfo, psycopg.connect(conninfo) as database:
        row = database.execute(
            "select current_user::text, current_database()::text, rolsuper, "
            "current_setting('listen_addresses') "
            "from pg_roles where rolname = current_user"
        ).fetchone()

    assert row == ("wharf", "wharf", True, "")


def test_commits_are_durable_and_text_does_not_depend_on_the_system(shared_folder: Path) -> None:
    with EmbeddedPostgres(shared_folder) as conninfo, psycopg.connect(conninfo) as database:
        settings = {
            name: database.execute("select current_setting(%s)", [name]).fetchone()
            for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")
        }
        text = database.execute(
            "select pg_encoding_to_char(encoding), datlocprovider::text, upper('é') "
            "from pg_database where datname = 'wharf'"
        ).fetchone()

    assert set(settings.values()) == {("on",)}
    assert text == ("UTF8", "b", "É")


def test_a_setting_of_the_caller_wins(shared_folder: Path) -> None:
    postgres = EmbeddedPostgres(shared_folder, settings={"max_connections": "17"})
    with postgres as conninfo, psycopg.connect(conninfo) as database:
        assert database.execute("show max_connections").fetchone() == ("17",)


@pytest.mark.slow
def test_four_racing_starters_make_one_cluster_and_one_server(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "postgres"
    with contextlib.ExitStack() as ending:
        users = [ending.enter_context(UserProcess(folder)) for _ in range(4)]
        answers = [user.says() for user in users]

        assert len({started_at(answer) for answer in answers}) == 1
        assert server_log(folder).count("running bootstrap script") == 1
        assert server_log(folder).count("starting PostgreSQL") == 1

        for user in users:
            user.leave()
    assert server_log(folder).rstrip().endswith("database system is shut down")


@pytest.mark.slow
def test_a_starter_killed_during_initdb_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    with UserProcess(folder) as user:
        while not list(folder.glob("data.partial-*/base")):
            assert not (folder / "data").exists()
        user.kill()

    with EmbeddedPostgres(folder) as conninfo:
        assert started_at(conninfo)


def test_a_stale_pid_file_naming_an_innocent_process_is_no_obstacle(
    shared_folder: Path, innocent: subprocess.Popen[bytes]
) -> None:
    """After a reboot or in a new container, small pids belong to somebody else."""
    stale = f"{innocent.pid}\n{shared_folder / 'data'}\n1700000000\n5432\n/tmp\n\n"
    runtime = make_runtime(Cluster(shared_folder), server_account())
    (shared_folder / "data" / "postmaster.pid").write_text(stale)
    (runtime / ".s.PGSQL.5432.lock").write_text(stale)
    with EmbeddedPostgres(shared_folder) as conninfo:
        assert started_at(conninfo)
        assert postmaster_pid(shared_folder) != innocent.pid

    assert innocent.poll() is None


def test_a_long_data_path_is_no_obstacle(shared_folder: Path, tmp_path: Path) -> None:
    """A socket's path ends at 107 bytes, so the socket cannot lie beside the data."""
    long = tmp_path / ("d" * 120) / "it's a \\ folder" / "postgres"
    long.parent.mkdir(parents=True)
    shared_folder.rename(long)
    try:
        with EmbeddedPostgres(long) as conninfo:
            assert started_at(conninfo)
    finally:
        long.rename(shared_folder)


def test_the_sockets_folder_is_closed_to_others_and_goes_with_the_server(
    shared_folder: Path,
) -> None:
    with EmbeddedPostgres(shared_folder):
        runtime = Path((shared_folder / "runtime").read_text().strip())
        found = runtime.stat()

        assert found.st_mode & 0o777 == 0o700
        assert found.st_uid == server_account().uid
    assert not runtime.exists()


def test_a_sockets_folder_that_is_somebody_elses_is_not_used(
    shared_folder: Path, tmp_path: Path
) -> None:
    planted = tmp_path / "planted"
    planted.symlink_to(tmp_path)
    (shared_folder / "runtime").write_text(f"{planted}\n")
    with EmbeddedPostgres(shared_folder) as conninfo:
        assert str(planted) not in conninfo


def test_a_long_log_is_put_aside_while_the_server_runs(shared_folder: Path) -> None:
    log = shared_folder / "server.log"
    log.touch()
    os.truncate(log, 11_000_000)
    with EmbeddedPostgres(shared_folder) as conninfo:
        eventually(
            lambda: (shared_folder / "server.log.1").exists() and log.stat().st_size < 1_000_000
        )
        assert started_at(conninfo)
    assert "database system is shut down" in server_log(shared_folder)


def test_what_is_in_the_environment_does_not_mislead_the_server(
    shared_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6000")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("LC_ALL", "xx_XX")
    with EmbeddedPostgres(shared_folder) as conninfo:
        assert started_at(conninfo)
