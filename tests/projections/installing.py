"""Packages that bring views, installed into a folder as an installer would, without a network."""

import shutil
import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import EntryPoint, distributions
from pathlib import Path

from projections.registered import GROUP

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "message-hours"


def install(folder: Path, name: str, version: str, views: Mapping[str, str]) -> None:
    """The metadata of a package with these entry points."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = [f"[{GROUP}]", *(f"{view} = {value}" for view, value in views.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


def install_example(folder: Path) -> None:
    """The example of docs/views.md, by its own pyproject.toml."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    shutil.copytree(EXAMPLE / "wharf_message_hours", folder / "wharf_message_hours")
    install(folder, project["name"], project["version"], project["entry-points"][GROUP])


def entry_points_in(folder: Path) -> list[EntryPoint]:
    return [
        each
        for distribution in distributions(path=[str(folder)])
        for each in distribution.entry_points
        if each.group == GROUP
    ]


def python_path(folder: Path) -> str:
    """For a process that is to find what is installed there, and this project."""
    return ":".join([str(folder), *(each for each in sys.path if each)])
