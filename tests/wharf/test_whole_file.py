"""A file that is written is there whole or not at all, whoever is killed."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.service import REPOSITORY, eventually
from wharf.whole_file import whole_file

# What it has started writes on when it is killed itself.
WRITER = """
import signal, subprocess, sys
from pathlib import Path
from wharf.whole_file import whole_file

with whole_file(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    subprocess.Popen(["/bin/sh", "-c", "read line; echo too late"], stdout=file)
    print("writing", flush=True)
    signal.pause()
"""


def write(output: Path) -> list[str]:
    """A whole file; the names of all that is beside it then."""
    with whole_file(output) as file:
        file.write(b"whole")
    return sorted(each.name for each in output.parent.iterdir())


def write_half(output: Path) -> None:
    with whole_file(output) as file:
        file.write(b"half")
        raise ZeroDivisionError


def test_what_fails_leaves_the_one_before(tmp_path: Path) -> None:
    write(tmp_path / "file")

    with pytest.raises(ZeroDivisionError):
        write_half(tmp_path / "file")

    assert b"whole" == (tmp_path / "file").read_bytes()
    assert ["file"] == sorted(each.name for each in tmp_path.iterdir())
    assert 0o600 == (tmp_path / "file").stat().st_mode & 0o777


def test_two_at_once_are_two_files_and_the_last_stays(tmp_path: Path) -> None:
    with whole_file(tmp_path / "file") as slower:
        slower.write(b"sl")
        names = write(tmp_path / "file")
        slower.write(b"ower")

    assert 2 == len(names)
    assert b"slower" == (tmp_path / "file").read_bytes()


def test_what_a_killed_one_had_started_gets_into_no_other(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "file")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert b"writing\n" == process.stdout.readline()
        process.kill()
        process.wait()
        names = write(tmp_path / "file")
        process.stdin.close()

    assert 2 == len(names)
    # As soon as nobody writes it any more, the next one clears it away.
    eventually(lambda: write(tmp_path / "file") == ["file"], "the end of what was left")
    assert b"whole" == (tmp_path / "file").read_bytes()
