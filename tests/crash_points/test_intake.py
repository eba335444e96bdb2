"""The intake dies at each point at which it can: what was answered is there, and there once."""

import asyncio

import pytest

from events.errors import LogUnavailable
from projections.inbox.view import INBOX
from projections.verify import verify
from tests.crash_points.dying import NOWHERE, Point
from tests.crash_points.intaking import life, lost, seen, traffic, unanswered
from tests.projections.log import as_superuser, empty
from write_side.intake import Arrival, Intake

pytestmark = pytest.mark.slow

# One for each group of deliveries: an append is one statement.
STATEMENTS = 4


def points(*numbers: int) -> list[Point]:
    return [
        Point(number, when, how)
        for number in numbers
        for when in ("before", "after")
        for how in ("dies", "is cut")
    ]


@pytest.mark.parametrize("numbers", [(2, 3), pytest.param((1, 4), marks=pytest.mark.deep)])
async def test_what_was_answered_before_the_end_is_stored_and_stored_once(
    database: str, numbers: tuple[int, ...]
) -> None:
    _, statements = await life(database, traffic(), NOWHERE)
    clean = seen(database)
    assert STATEMENTS == statements

    for point in points(*numbers):
        with as_superuser(database) as conn:
            empty(conn)
        acknowledged, _ = await life(database, traffic(), point)
        assert [] == lost(database, acknowledged), point
        again = unanswered(traffic(), acknowledged)
        assert any(again) == (point.how == "dies"), point
        await life(database, again, NOWHERE)

        assert clean == seen(database), point
    assert [] == verify(database, INBOX).differences


async def test_a_process_that_answers_before_the_commit_is_caught(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Intake.store
    behind: set[asyncio.Task[None]] = set()

    async def early(self: Intake, body: bytes, signature: str, secret: str) -> None:
        behind.add(asyncio.create_task(store(self, body, signature, secret)))

    monkeypatch.setattr(Intake, "store", early)

    assert await found_losing(database)
    for each in behind:
        each.cancel()


async def test_a_process_that_swallows_an_error_of_the_database_is_caught(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_up = Intake._give_up

    async def swallow(self: Intake, batch: list[Arrival], error: LogUnavailable) -> None:
        for arrival in batch:
            arrival.committed.set_result(None)
        await give_up(self, [], error)

    monkeypatch.setattr(Intake, "_give_up", swallow)

    assert await found_losing(database)


async def found_losing(url: str) -> bool:
    """Whether what was answered is missing after a crash at any of the points."""
    for point in points(1, 2):
        with as_superuser(url) as conn:
            empty(conn)
        acknowledged, _ = await life(url, traffic(), point)
        if lost(url, acknowledged):
            return True
    return False
