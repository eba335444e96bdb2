"""A cluster that is made once and copied, since initdb is the slow part of a start."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wharf.postgres.supervisor import EmbeddedPostgres


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For tests that leave the cluster as they found it: whole, and its server stopped."""
    folder = tmp_path_factory.mktemp("made") / "postgres"
    with EmbeddedPostgres(folder):
        pass
    return folder


@pytest.fixture
def folder(shared_folder: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder of the test's own, with a cluster that was stopped cleanly."""
    copy = tmp_path / "postgres"
    copy.mkdir()
    # A test before may have left its server to stop by itself.
    guard = time.monotonic() + 60
    while (shared_folder / "data" / "postmaster.pid").exists():
        assert time.monotonic() < guard, "the shared cluster's server does not stop"
        time.sleep(0.05)
    subprocess.run(["cp", "-a", shared_folder / "data", copy / "data"], check=True)
    yield copy
    shutil.rmtree(copy, ignore_errors=True)  # 40 MB, which pytest would keep for three runs
