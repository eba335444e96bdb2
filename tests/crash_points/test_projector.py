"""The projector dies at each statement: a step is there whole or not at all, and none twice."""

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection

from events.envelope import Position
from projections import poison, projector, versions
from projections.catalogue import VIEWS
from projections.inbox.view import INBOX
from projections.projecting import Projecting
from projections.verify import verify
from projections.view import View
from tests.crash_points.dying import NOWHERE, Point, crashing
from tests.crash_points.projecting import boundaries, forget, held, life
from tests.projections.log import as_superuser
from tests.projections.rebuilding import a_life
from tests.projections.waking import eventually, projecting

pytestmark = pytest.mark.slow

# What `a_life` appends.
EVENTS = 25
STEP_EVENTS = 15
# Every so manieth statement; all of them are tried where nobody waits.
STRIDE = 13


def deep(*values: object) -> Any:
    return pytest.param(*values, marks=pytest.mark.deep)


@pytest.mark.parametrize(
    ("view", "stride"),
    [(INBOX, STRIDE), *(deep(view, 1) for view in VIEWS.values())],
    ids=lambda value: value.name if isinstance(value, View) else None,
)
def test_a_dead_projector_leaves_whole_steps_and_the_next_one_goes_on(
    database: str, view: View, stride: int
) -> None:
    a_life(database)
    whole = boundaries(database, view, STEP_EVENTS)
    head = max(whole)
    assert (EVENTS, 3) == (head, len(whole))
    assert [] == verify(database, view).differences

    for point in points(database, view, stride):
        forget(database, view)
        life(database, view, STEP_EVENTS, point)
        left = held(database, view)
        assert whole[left.position] == left, point
        # The server may still hold what the dead one had locked, until it notices.
        eventually(lambda: settled(database, view, head))

        assert whole[head] == held(database, view), point


def settled(url: str, view: View, head: Position) -> bool:
    life(url, view, STEP_EVENTS, NOWHERE)
    return held(url, view).position == head


def points(url: str, view: View, stride: int) -> Iterator[Point]:
    """After every `stride`-th statement of a run from nothing, the last one among them."""
    forget(url, view)
    statements = life(url, view, STEP_EVENTS, NOWHERE)
    assert statements > STRIDE
    for number in range(statements, 0, -stride):
        yield Point(number)


@pytest.mark.parametrize("stride", [2 * STRIDE, deep(1)])
def test_a_lost_connection_is_never_the_fault_of_an_event(
    database: str, stride: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process lives on, and goes on by itself the next time it is asked."""
    monkeypatch.setattr(projector.steps, "__defaults__", (STEP_EVENTS,))
    a_life(database)
    clean = boundaries(database, INBOX, STEP_EVENTS)

    for point in points(database, INBOX, stride):
        forget(database, INBOX)
        with projecting(database) as working:
            with crashing(point._replace(how="is cut")):
                working.catch_up("inbox")
            eventually(lambda working=working: asked_again(working))  # type: ignore[misc]

        assert clean[max(clean)] == held(database, INBOX), point
        with as_superuser(database) as conn:
            assert [] == poison.positions(conn, "inbox", 1), point


def asked_again(working: Projecting) -> bool:
    working.catch_up("inbox")
    return working.reached("inbox", EVENTS)


def test_a_projector_that_moves_its_checkpoint_by_itself_is_caught(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checkpoint first and rows afterwards, a commit each: a crash between the two loses them."""

    def careless(
        conn: Connection[Any], view: View, version: int, step_events: int
    ) -> tuple[Position, bool]:
        with conn.transaction():
            rows = conn.execute(
                "select position, (select max(position) from log.events) from read.versions"
                " where view = 'inbox'"
            ).fetchall()
            after, head = rows[0]
            to = Position(min(head, after + step_events))
            conn.execute("update read.versions set position = %s where view = 'inbox'", (to,))
        with conn.transaction():
            versions.enter(conn, "inbox_1")
            view.apply(conn, after, to)
        return to, to < head

    a_life(database)
    whole = boundaries(database, INBOX, STEP_EVENTS)
    monkeypatch.setattr(projector, "step", careless)

    assert any(caught(database, point, whole) for point in points(database, INBOX, STRIDE))


def caught(url: str, point: Point, whole: dict[Position, Any]) -> bool:
    forget(url, INBOX)
    life(url, INBOX, STEP_EVENTS, point)
    left = held(url, INBOX)
    return bool(whole[left.position] != left)
