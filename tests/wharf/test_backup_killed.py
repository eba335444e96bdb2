"""`wharf backup` and `wharf restore` are killed: nothing half is taken for whole, and again works.

The command runs as a process that stops at one moment, says so, and is killed there.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from projections.catalogue import VIEWS
from projections.rebuild import rebuild
from projections.verify import verify
from tests.conftest import new_database
from tests.projections.waking import eventually
from tests.system.service import REPOSITORY, as_url
from tests.wharf.test_backup import is_empty, lived_in, stored
from wharf.backup import backup
from wharf.restore import restore
from wharf.schema import apply_schema
from wharf.seal import is_whole

pytestmark = pytest.mark.slow

# Each moment is a name in the program, in whose place it stops.
STOPPING = """
import os, sys
from importlib import import_module

def stop(*arguments, **options):
    print("stopped", flush=True)
    sys.stdin.read()

def stop_after_some(script, to):
    to.write(script.read(20_000))
    to.flush()
    stop()

def stop_after_all(script, to):
    pass_on(script, to)
    stop()

def stop_the_second_time(url):
    if "first" in globals():
        stop()
    globals()["first"] = apply_sql(url)

from wharf.restore import _pass_on as pass_on, apply_sql
module, name, how = sys.argv[1:4]
setattr(import_module(module), name, globals()[how])
sys.argv[1:] = sys.argv[4:]
from wharf.cli import main
main()
"""
BACKUP = {
    "before pg_dump": ("wharf.backup", "reached_by", "stop"),
    "before the seal": ("wharf.backup", "seal", "stop"),
    "before it has its name": ("wharf.whole_file", "_sync", "stop"),
}
RESTORE = {
    "before anything": ("wharf.restore", "_load", "stop"),
    "in the middle": ("wharf.restore", "_pass_on", "stop_after_some"),
    "before the commit": ("wharf.restore", "_pass_on", "stop_after_all"),
    "after the commit": ("wharf.restore", "apply_sql", "stop_the_second_time"),
    "before the views": ("wharf.cli_backup", "rebuild", "stop"),
}
SESSIONS = b"""
select from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""


def moments(every: Iterable[str], *always: str) -> list[object]:
    """All of them in CI, and always those that tell most."""
    return [
        each if each in always else pytest.param(each, marks=pytest.mark.deep) for each in every
    ]


def kill(url: str, moment: tuple[str, str, str], *arguments: str) -> None:
    """The command until that moment; returns when nothing of it is at the database any more."""
    with stopped(url, moment, *arguments) as process:
        process.kill()
    with psycopg.connect(url, autocommit=True) as conn:
        eventually(lambda: conn.execute(SESSIONS).fetchone() is None)


@contextmanager
def stopped(
    url: str, moment: tuple[str, str, str], *arguments: str
) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-c", STOPPING, *moment, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=REPOSITORY,
        env={**os.environ, "DATABASE_URL": as_url(url)},
    ) as process:
        assert process.stdout is not None
        try:
            assert b"stopped\n" in iter(process.stdout.readline, b"")
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def lived(server: str, template: str) -> Iterator[str]:
    with new_database(server, template) as url:
        lived_in(url)
        yield url


@pytest.mark.parametrize("moment", moments(BACKUP, "before the seal"))
def test_a_killed_backup_leaves_the_one_before_or_a_whole_one(
    lived: str, tmp_path: Path, moment: str
) -> None:
    file = tmp_path / "wharf.dump"
    backup(lived, file)
    before = file.read_bytes()

    kill(lived, BACKUP[moment], "backup", str(file))

    assert is_whole(file)
    assert moment == "before it has its name" or before == file.read_bytes()
    backup(lived, file)
    assert is_whole(file)
    assert [file] == list(tmp_path.iterdir())


@pytest.mark.parametrize("moment", moments(RESTORE, "in the middle", "after the commit"))
def test_a_killed_restore_leaves_an_empty_database_or_the_whole_log(
    lived: str, other_database: str, tmp_path: Path, moment: str
) -> None:
    file = tmp_path / "wharf.dump"
    backup(lived, file)

    kill(other_database, RESTORE[moment], "restore", str(file))

    if moment in ("after the commit", "before the views"):
        assert stored(lived) == stored(other_database)
        apply_schema(other_database)
    else:
        assert is_empty(other_database)
        assert restore(other_database, file).sound
        assert stored(lived) == stored(other_database)
    for view in VIEWS.values():
        rebuild(other_database, view)
        assert [] == verify(other_database, view).differences
