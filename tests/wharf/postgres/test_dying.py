"""Who may die without notice, and what becomes of the server and its rows."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from tests.wharf.postgres.observing import (
    answers,
    eventually,
    postmaster_pid,
    server_log,
    shim_pid,
    started_at,
    wait_until_down,
)
from tests.wharf.postgres.user_process import UserProcess
from wharf.postgres.locks import FileLock
from wharf.postgres.supervisor import EmbeddedPostgres

pytestmark = pytest.mark.slow

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


class Inserter:
    """Commits one row after the other until the server is gone, and remembers which."""

    def __init__(self, conninfo: str) -> None:
        self.acknowledged: list[int] = []
        self._database = psycopg.connect(conninfo, autocommit=True)
        self._database.execute("create table inserted (n int)")
        self._thread = threading.Thread(target=self._insert)
        self._thread.start()

    def _insert(self) -> None:
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                n = len(self.acknowledged)
                self._database.execute("insert into inserted values (%s)", [n])
                self.acknowledged.append(n)

    def wait_for_the_end(self) -> None:
        self._thread.join()
        self._database.close()


def stored(conninfo: str) -> set[int]:
    with psycopg.connect(conninfo) as database:
        return {n for (n,) in database.execute("select n from inserted")}


def test_the_server_outlives_its_starter_while_another_process_uses_it(shared_folder: Path) -> None:
    with UserProcess(shared_folder) as starter, UserProcess(shared_folder) as second:
        conninfo = starter.says()
        assert second.says() == conninfo
        first_run = started_at(conninfo)
        starter.kill()

        assert FileLock(shared_folder / "users.lock").try_exclusive() is False
        assert started_at(conninfo) == first_run

        second.leave()
    assert not answers(conninfo)


def test_the_server_stops_cleanly_when_its_last_user_is_killed(shared_folder: Path) -> None:
    with UserProcess(shared_folder) as user:
        conninfo = user.says()
        user.kill()
        wait_until_down(shared_folder)

    assert not answers(conninfo)
    assert server_log(shared_folder).rstrip().endswith("database system is shut down")


@pytest.mark.slow
def test_a_killed_server_comes_back_by_itself_with_every_acknowledged_row(folder: Path) -> None:
    with EmbeddedPostgres(folder) as conninfo:
        inserter = Inserter(conninfo)
        eventually(lambda: len(inserter.acknowledged) > 100)
        os.kill(postmaster_pid(folder), signal.SIGKILL)
        inserter.wait_for_the_end()
        eventually(lambda: answers(conninfo))

        assert set(inserter.acknowledged) <= stored(conninfo)


def test_a_server_that_can_not_recover_is_tried_again_until_it_can(folder: Path) -> None:
    """As when its disk is full, and somebody makes room."""
    control = folder / "data" / "global" / "pg_control"
    aside = control.with_name("aside")
    with EmbeddedPostgres(folder) as conninfo:
        control.rename(aside)
        os.kill(postmaster_pid(folder), signal.SIGKILL)
        eventually(lambda: "could not find the database system" in server_log(folder))
        aside.rename(control)
        eventually(lambda: answers(conninfo))


def test_a_server_that_was_shut_down_by_hand_stays_down(folder: Path) -> None:
    with EmbeddedPostgres(folder) as conninfo:
        os.kill(postmaster_pid(folder), signal.SIGINT)
        wait_until_down(folder)

        assert not answers(conninfo)


@needs_proc
@pytest.mark.slow
def test_rows_are_there_at_the_next_start_after_everything_was_killed(folder: Path) -> None:
    with UserProcess(folder) as user:
        inserter = Inserter(user.says())
        eventually(lambda: len(inserter.acknowledged) > 100)
        for pid in (shim_pid(folder), postmaster_pid(folder), user.pid):
            os.kill(pid, signal.SIGKILL)
        inserter.wait_for_the_end()

    with EmbeddedPostgres(folder) as conninfo:
        assert set(inserter.acknowledged) <= stored(conninfo)


@needs_proc
def test_the_server_stops_itself_when_its_shim_is_killed_and_starts_again(
    shared_folder: Path,
) -> None:
    with UserProcess(shared_folder) as user:
        conninfo = user.says()
        first_run = started_at(conninfo)
        stops = server_log(shared_folder).count("received fast shutdown request")
        os.kill(shim_pid(shared_folder), signal.SIGKILL)

        # At once: a server that is about to stop is not one to join.
        with EmbeddedPostgres(shared_folder) as again:
            assert started_at(again) != first_run
            log = server_log(shared_folder)
            assert log.count("received fast shutdown request") == stops + 1


@pytest.mark.slow
def test_a_server_does_not_start_beside_a_living_backend_of_a_killed_one(folder: Path) -> None:
    """Two servers on one folder would destroy it; the pid file cannot tell of a backend."""
    with EmbeddedPostgres(folder) as conninfo, psycopg.connect(conninfo) as database:
        backend = database.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        try:
            os.kill(postmaster_pid(folder), signal.SIGKILL)
            eventually(lambda: "pre-existing shared memory block" in server_log(folder))
            assert not answers(conninfo)
        finally:
            os.kill(backend, signal.SIGCONT)
        eventually(lambda: answers(conninfo))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_process_group_leaves_the_server_to_the_app(
    shared_folder: Path, number: signal.Signals
) -> None:
    """Ctrl-C reaches every process of a terminal; the app still has rows to write."""
    with UserProcess(shared_folder, "survive-signals") as user:
        user.says()
        os.killpg(user.pid, number)

        assert user.says() == f"{number.name}: the server works"

        user.leave()
    assert server_log(shared_folder).rstrip().endswith("database system is shut down")


@needs_proc
def test_signals_to_the_shim_itself_change_nothing(shared_folder: Path) -> None:
    with EmbeddedPostgres(shared_folder) as conninfo:
        first_run = started_at(conninfo)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(shim_pid(shared_folder), number)

        assert started_at(conninfo) == first_run


def test_a_forked_child_does_not_keep_the_server_alive(shared_folder: Path) -> None:
    with UserProcess(shared_folder, "fork") as user:
        conninfo, child = user.says(), int(user.says())
        try:
            user.kill()
            wait_until_down(shared_folder)
            assert not answers(conninfo)
            os.kill(child, 0)  # it is still there
        finally:
            os.kill(child, signal.SIGKILL)
