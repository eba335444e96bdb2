"""The static checks: what can be said about Wharf without running it."""

import re
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

COMMANDS: dict[str, list[str]] = {
    "format": ["ruff", "format", "--check", "--quiet"],
    "lint": ["ruff", "check", "--quiet"],
    "imports": ["lint-imports"],
    "mypy": ["mypy"],
    "compose.yaml": [
        "check-jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        "compose.yaml",
    ],
    "Dockerfile": ["hadolint", "Dockerfile"],
    "pyright": ["pyright"],
}


@dataclass(frozen=True)
class Outcome:
    name: str
    passed: bool
    elapsed_s: float
    text: str


def run_check(name: str) -> Outcome:
    """One of COMMANDS, its output kept for the case that it fails."""
    began = time.monotonic()
    try:
        result = subprocess.run(
            COMMANDS[name],
            cwd=ROOT,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except FileNotFoundError as missing:
        return Outcome(name, False, 0.0, f"{missing.filename} is not installed")
    return Outcome(name, result.returncode == 0, time.monotonic() - began, result.stdout)


def compare_versions() -> Outcome:
    """The changelog's top version is the one that pyproject.toml gives the package."""
    began = time.monotonic()
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packaged = pyproject["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    top = re.search(r"^## \[([^\]]+)\]", changelog, re.MULTILINE)
    logged = top[1] if top else "none"
    text = f"CHANGELOG.md begins with version {logged}, pyproject.toml says {packaged}\n"
    return Outcome("version", logged == packaged, time.monotonic() - began, text)


def explain(outcome: Outcome) -> None:
    """What a failed check had to say."""
    if not outcome.passed:
        sys.stdout.write(f"\n{outcome.name} FAILED\n")
        sys.stdout.writelines(f"  {line}\n" for line in outcome.text.rstrip().splitlines())


def summarise(outcome: Outcome) -> None:
    verdict = "ok" if outcome.passed else "FAILED"
    sys.stdout.write(f"  {outcome.name:<14}{verdict:<8}{outcome.elapsed_s:>6.1f} s\n")
