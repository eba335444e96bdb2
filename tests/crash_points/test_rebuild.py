"""A rebuild dies at each statement: readers always have one whole version, and it is run again."""

from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest

from events.database import connect
from projections import versions
from projections.inbox.view import INBOX
from projections.rebuild import RebuildRunning, rebuild
from projections.verify import verify
from tests.crash_points.dying import NOWHERE, Point, crashing
from tests.crash_points.projecting import Held, held
from tests.projections.log import as_superuser
from tests.projections.rebuilding import a_life, active
from tests.projections.waking import eventually, projecting

pytestmark = pytest.mark.slow

STRIDE = 37

Rebuild = Callable[[str], object]


def deep(value: int) -> Any:
    return pytest.param(value, marks=pytest.mark.deep)


@pytest.mark.parametrize("stride", [STRIDE, deep(1)])
def test_a_dead_rebuild_leaves_one_whole_version_and_is_run_again(
    database: str, stride: int
) -> None:
    clean, statements = given(database)
    resume = cycle([True, False])

    for number in range(statements, 0, -stride):
        only_the_active_version(database)
        life(database, ours, Point(number))
        assert clean == held(database, INBOX, active(database)), number
        again = next(resume)
        eventually(lambda again=again: rebuilt(database, resume=again))  # type: ignore[misc]

        assert clean == held(database, INBOX, active(database)), number
    assert [] == verify(database, INBOX).differences


def test_a_rebuild_that_answers_before_it_is_filled_is_caught(database: str) -> None:
    def hasty(url: str) -> None:
        with connect(url, "wharf_owner") as conn:
            version = versions.create(conn, INBOX)
            versions.finish(conn, INBOX, version)
            conn.execute(
                "update read.active set version = %s where view = 'inbox'", (version.version,)
            )
        with projecting(url) as working:
            working.catch_up("inbox")

    clean, _ = given(database)
    statements = life(database, hasty, NOWHERE)
    assert clean == held(database, INBOX, active(database))

    assert any(
        life(database, hasty, Point(number)) and clean != held(database, INBOX, active(database))
        for number in range(statements, 0, -STRIDE)
    )


def given(url: str) -> tuple[Held, int]:
    """A log whose inbox is up to date: its rows, and how many statements a rebuild takes."""
    a_life(url)
    with projecting(url) as working:
        working.catch_up("inbox")
    clean = held(url, INBOX)
    statements = life(url, ours, NOWHERE)
    assert clean == held(url, INBOX, active(url))
    assert statements > 2 * STRIDE
    return clean, statements


def ours(url: str) -> None:
    rebuild(url, INBOX)


def life(url: str, rebuild_it: Rebuild, point: Point) -> int:
    with crashing(point) as crash:
        rebuild_it(url)
    return crash.passed


def rebuilt(url: str, *, resume: bool) -> bool:
    """Run again as soon as the server has noticed that the other one is dead."""
    try:
        rebuild(url, INBOX, resume=resume)
    except RebuildRunning:
        return False
    return True


def only_the_active_version(url: str) -> None:
    """As when the others had been retired long ago, so that each run has as much to do."""
    with as_superuser(url) as conn:
        for version in versions.versions(conn, "inbox"):
            if version.version != active(url):
                versions.drop(conn, version)
