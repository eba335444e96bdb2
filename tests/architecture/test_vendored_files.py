"""What the pages took from elsewhere is what it was when it was looked at."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import vendor

ROOT = Path(__file__).resolve().parents[2]


def test_vendored_files_are_what_the_lock_says() -> None:
    assert [] == list(vendor.differences())


def test_a_changed_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in vendor.targets():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes((ROOT / path).read_bytes())
    (tmp_path / "read_api/pages/static/vendor/htmx.js").write_bytes(b"alert(1)")
    monkeypatch.setattr(vendor, "ROOT", tmp_path)

    assert ["read_api/pages/static/vendor/htmx.js was changed"] == list(vendor.differences())


def test_an_archive_of_another_integrity_is_not_unpacked(tmp_path: Path) -> None:
    archive = tmp_path / "htmx.tgz"
    archive.write_bytes(b"something else")

    with pytest.raises(vendor.WrongFile):
        vendor.unpack(vendor.packages()[0], archive)


@pytest.mark.parametrize("package", vendor.packages(), ids=lambda package: str(package["name"]))
def test_a_vendored_package_brings_its_licence(package: dict[str, dict[str, str]]) -> None:
    assert any("LICENSE" in target for target in package["files"].values())


def test_nothing_stands_among_the_vendored_files_that_is_not_locked() -> None:
    folders = {ROOT / package["into"] for package in vendor.packages()}
    there = {str(path.relative_to(ROOT)) for folder in folders for path in folder.iterdir()}

    assert set(vendor.targets()) == there


def test_the_check_passes_from_the_command_line() -> None:
    command = [sys.executable, "tools/vendor.py", "check"]

    assert 0 == subprocess.run(command, cwd=ROOT, check=False).returncode
