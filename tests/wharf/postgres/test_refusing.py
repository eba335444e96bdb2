"""What the embedded PostgreSQL refuses, and what it says then."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.wharf.postgres.observing import postmaster_pid, started_at
from wharf.postgres.binaries import find_pg_bin
from wharf.postgres.errors import (
    ClusterVersionMismatch,
    FolderUnusable,
    StartFailed,
    UnsupportedPlatform,
)
from wharf.postgres.supervisor import EmbeddedPostgres


def test_data_of_another_major_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(ClusterVersionMismatch, match="written by PostgreSQL 15, the binaries") as e:
        EmbeddedPostgres(tmp_path).start()

    assert "wharf backup wharf.dump" in str(e.value)
    assert "wharf restore wharf.dump" in str(e.value)


def test_a_server_that_cannot_start_is_an_error_that_quotes_its_log(shared_folder: Path) -> None:
    broken = EmbeddedPostgres(shared_folder, settings={"no_such_setting": "1"})
    with pytest.raises(StartFailed, match='unrecognized configuration parameter "no_such_setting"'):
        broken.start()

    with EmbeddedPostgres(shared_folder) as conninfo:
        assert started_at(conninfo)


@pytest.mark.slow
def test_a_server_that_does_not_answer_is_an_error_and_not_a_hang(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        frozen = postmaster_pid(folder)
        os.kill(frozen, signal.SIGSTOP)
        try:
            with pytest.raises(StartFailed, match="no answer within 1 s"):
                EmbeddedPostgres(folder, start_s=1).start()
        finally:
            os.kill(frozen, signal.SIGCONT)


def test_on_windows_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(UnsupportedPlatform, match="on Windows set DATABASE_URL"):
        EmbeddedPostgres(tmp_path).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_data_of_another_user_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text(f"{find_pg_bin().major}\n")
    os.chown(tmp_path / "data", 12345, 12345)
    with pytest.raises(FolderUnusable, match="belongs to user 12345"):
        EmbeddedPostgres(tmp_path).start()


def test_a_path_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnusable, match="cannot be the database's folder"):
        EmbeddedPostgres(tmp_path / "file" / "postgres").start()
