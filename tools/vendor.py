"""Unpacks the files that the pages take from npm, as tools/vendor.toml names them.

    python tools/vendor.py          # fetch, compare with the integrity, unpack, write the lock
    python tools/vendor.py check    # compare the files that are there with the lock, offline

The lock has the format of `sha256sum`, so `sha256sum -c tools/vendor.lock` does the same.
"""

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WANTED = ROOT / "tools" / "vendor.toml"
LOCK = ROOT / "tools" / "vendor.lock"


class WrongFile(Exception):
    """What came, or what is there, is not what was pinned."""


def packages() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads(WANTED.read_text(encoding="utf-8"))["package"]
    return found


def targets() -> dict[str, str]:
    """Where each file goes, by the package and its path in it."""
    return {
        f"{package['into']}/{target}": f"{package['name']}@{package['version']}/{source}"
        for package in packages()
        for source, target in package["files"].items()
    }


def unpack(package: dict[str, Any], archive: Path) -> None:
    """Raises WrongFile for an archive of another integrity, before anything of it is read."""
    algorithm, _, expected = package["integrity"].partition("-")
    digest = hashlib.new(algorithm, archive.read_bytes()).digest()
    if base64.b64encode(digest).decode() != expected:
        raise WrongFile(f"{package['name']} {package['version']}: this is another archive")
    into = ROOT / package["into"]
    into.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        for source, target in package["files"].items():
            # npm puts everything below this folder.
            file = tar.extractfile(f"package/{source}")
            if file is None:
                raise WrongFile(f"{package['name']} has no file {source}")
            text = file.read()
            # A map that is not here would only make the browser ask for it.
            lines = [line for line in text.splitlines(True) if b"sourceMappingURL=" not in line]
            (into / target).write_bytes(b"".join(lines))


def fetch(package: dict[str, Any], folder: Path) -> Path:
    """The archive, by npm, which knows the registry of this machine."""
    name = f"{package['name']}@{package['version']}"
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), name]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return folder / printed.split()[-1]


def differences() -> Iterator[str]:
    """What is not as the lock says."""
    locked: dict[str, str] = {}
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        digest, _, path = line.partition("  ")
        locked[path] = digest
    if locked.keys() != targets().keys():
        yield f"vendor.toml and vendor.lock name other files: {locked.keys() ^ targets().keys()}"
    for path, digest in locked.items():
        file = ROOT / path
        if not file.is_file():
            yield f"{path} is missing"
        elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            yield f"{path} was changed"


def main(arguments: list[str]) -> None:
    if arguments == ["check"]:
        found = list(differences())
        sys.exit("\n".join(found) if found else 0)
    with tempfile.TemporaryDirectory(prefix="wharf-vendor-") as folder:
        for package in packages():
            unpack(package, fetch(package, Path(folder)))
    lines = [
        f"{hashlib.sha256((ROOT / path).read_bytes()).hexdigest()}  {path}\n" for path in targets()
    ]
    LOCK.write_text("".join(sorted(lines, key=lambda line: line[66:])), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
