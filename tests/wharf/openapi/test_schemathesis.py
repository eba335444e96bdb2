"""Requests made up from the document, right and wrong ones: none finds what should not be."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.service import REPOSITORY
from tests.wharf.openapi.serving import serving
from tests.wharf.openapi.world import World, make_world

pytestmark = pytest.mark.slow

SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
# Its answers do not end; a rebuild goes on after it was answered, while all others wait, as they do
# for a view that is paused; and a comparison is a replay.
LEFT_OUT = (
    "/api/whatsapp/stream/",
    "/api/admin/projections/{name}/rebuild/",
    "/api/admin/projections/{name}/pause/",
    "/api/admin/projections/{name}/diff/",
)


@pytest.fixture
def service(database: str) -> Iterator[tuple[str, World]]:
    """A world of its own, since commands change it."""
    world = asyncio.run(make_world(database))
    with serving(world) as url:
        yield url, world


def run(service: tuple[str, World], folder: Path, *options: str) -> None:
    """All checks there are, with a key of all scopes."""
    url, world = service
    done = subprocess.run(
        [
            *(SCHEMATHESIS, "run", f"{url}/api/openapi.json", "--no-color", "--checks=all"),
            *("--header", f"X-Api-Key: {world.token}", "--request-timeout=60"),
            *(f"--exclude-path={path}" for path in LEFT_OUT),
            *options,
        ],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(REPOSITORY),
            "SCHEMATHESIS_HOOKS": "tests.wharf.openapi.hooks",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == done.returncode, done.stdout[-20_000:] + done.stderr[-5_000:]


def test_a_few_made_up_requests_find_nothing(service: tuple[str, World], tmp_path: Path) -> None:
    run(service, tmp_path, "--phases=fuzzing", "--max-examples=2", "--seed=1")


@pytest.mark.deep
def test_many_made_up_requests_find_nothing(service: tuple[str, World], tmp_path: Path) -> None:
    """The same requests each time: what they find, they found before it was released."""
    run(
        service,
        tmp_path,
        "--phases=examples,coverage,fuzzing,stateful",
        "--max-examples=12",
        "--generation-deterministic",
    )
