"""Killed at any point of a download, the next one neither loses nor doubles a file or an event."""

import asyncio
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

import pytest
from typing_extensions import override

from tests.write_side.media.dying import KILLED, STEPS, AtStep
from tests.write_side.media.graph import PICTURE, reply
from tests.write_side.media.place import Place, picture
from write_side.media.store import LocalStore

DIGEST = sha256(PICTURE).hexdigest()


class Killed(BaseException):
    """What no `except` of a program takes for its own."""


class Raising(AtStep):
    @override
    def end(self) -> None:
        raise Killed


@contextmanager
def killed_at(step: str) -> Iterator[None]:
    logger = logging.getLogger("write_side.media")
    handler, level = Raising(step), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with pytest.raises(Killed):
            yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


async def comes_home_once(place: Place, files: LocalStore) -> None:
    """Whatever happened before, the next worker makes it whole."""
    place.hurry()
    await place.download()
    assert ["MediaStored"] == [kind for kind, _ in place.events()]
    assert PICTURE == files.path(DIGEST).read_bytes()
    kept = [path for path in files.folder.rglob("*") if path.is_file()]
    assert [files.path(DIGEST)] == [path for path in kept if path.parent.name != "incoming"]
    ((closed, _, _),) = place.jobs()
    assert closed
    assert "stored" == place.row()["state"]
    assert [] == place.verified()


@pytest.mark.parametrize("step", STEPS)
async def test_a_download_that_ends_at_any_step_is_done_once(
    place: Place, files: LocalStore, step: str
) -> None:
    place.graph.serves()
    await place.got(picture())
    with killed_at(step):
        await place.download()

    await comes_home_once(place, files)


@pytest.mark.parametrize(
    "step", ["media job claimed", "media outcome appended", "media job closed"]
)
async def test_a_failure_that_ends_at_any_step_is_told_once(place: Place, step: str) -> None:
    place.graph.serves()
    place.graph.on("/file", reply(500), reply(500), reply(200, PICTURE))
    await place.got(picture())
    with killed_at(step):
        await place.download()
    for _ in range(3):
        place.hurry()
        await place.download()

    told = [data["attempts"] for kind, data in place.events() if kind == "MediaFailed"]
    assert sorted(set(told)) == told
    assert "MediaStored" == place.events()[-1][0]
    assert "stored" == place.row()["state"]


async def test_a_file_that_is_gone_after_a_kill_is_still_the_one_that_was_stored(
    place: Place, files: LocalStore
) -> None:
    """Killed between event and job; Meta has forgotten the file when it is looked at again."""
    place.graph.serves()
    await place.got(picture())
    with killed_at("media outcome appended"):
        await place.download()
    place.graph.on("/file", reply(404))
    for _ in range(5):
        place.hurry()
        await place.download()

    assert "stored" == place.row()["state"]
    assert files.path(DIGEST).exists()


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
async def test_a_process_that_is_killed_at_any_step_loses_and_doubles_nothing(
    place: Place, files: LocalStore, step: str
) -> None:
    place.graph.serves()
    await place.got(picture())
    arguments = (place.url, place.graph.url, str(files.folder), step)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.write_side.media.dying", *arguments
    )
    assert KILLED == await process.wait()

    await comes_home_once(place, files)
