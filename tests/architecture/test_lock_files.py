"""What is installed: pinned by hash, from wherever the machine gets its packages."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
WANTED = {
    "requirements.lock": [*PROJECT["dependencies"], *EXTRAS["build"], *EXTRAS["s3"]],
    "requirements-dev.lock": [
        *PROJECT["dependencies"],
        *EXTRAS["build"],
        *EXTRAS["s3"],
        *EXTRAS["dev"],
    ],
}


def pins(lock: str) -> dict[str, str]:
    """Versions by canonical name."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)
    }


@pytest.mark.parametrize("lock", WANTED)
def test_a_lock_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert not re.search(r"://|^\s*--(?!hash=)|@ ", text, re.MULTILINE)


@pytest.mark.parametrize("lock", WANTED)
def test_every_pin_has_a_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]

    assert [] == [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry]


@pytest.mark.parametrize("lock", WANTED)
def test_a_lock_covers_what_the_project_asks_for(lock: str) -> None:
    """Run `./dev lock` when this fails."""
    pinned = pins(lock)
    requirements = [Requirement(text) for text in WANTED[lock]]

    assert [] == [
        str(requirement)
        for requirement in requirements
        if not requirement.specifier.contains(pinned.get(canonicalize_name(requirement.name), "0"))
    ]


def test_what_runs_is_what_was_tested() -> None:
    run, test = pins("requirements.lock"), pins("requirements-dev.lock")

    assert run == {name: version for name, version in test.items() if name in run}


def test_nothing_of_the_tools_is_needed_to_run() -> None:
    assert not {"pytest", "mypy", "pyright", "playwright"} & set(pins("requirements.lock"))
