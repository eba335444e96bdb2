"""Who may import whom: the contract in pyproject.toml holds, and would notice if it did not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("events", "write_side", "projections", "read_api", "wharf")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(command), "--no-cache"], cwd=folder, check=False, capture_output=True, text=True
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The five packages, to plant something in."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_packages_keep_the_contract() -> None:
    result = lint_imports(ROOT)

    assert result.returncode == 0, result.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("events", "wharf.settings"),
        ("events", "write_side"),
        ("write_side", "projections"),
        ("write_side", "wharf.settings"),
        ("projections", "read_api"),
        ("projections", "events.append"),
        ("read_api", "projections"),
        ("read_api", "events.append"),
        ("read_api", "events.catalogue"),
    ],
)
def test_a_forbidden_import_is_caught(copy: Path, package: str, forbidden: str) -> None:
    (copy / package / "planted.py").write_text(f"import {forbidden}\n")

    result = lint_imports(copy)

    assert result.returncode == 1, result.stderr
    assert f"{package}.planted -> {forbidden}" in result.stdout


@pytest.mark.slow
def test_an_import_through_a_third_module_is_caught(copy: Path) -> None:
    (copy / "events" / "door.py").write_text("from events import append\n")
    (copy / "projections" / "planted.py").write_text("from events import door\n")

    result = lint_imports(copy)

    assert result.returncode == 1, result.stderr
    assert "events.door -> events.append" in result.stdout
