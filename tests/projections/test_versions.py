"""Versions of a view: activated forwards only, kept for a while, and cleared away."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from events.database import connect
from projections import projector, versions
from projections import rebuild as rebuilding
from projections.inbox.view import INBOX
from projections.rebuild import rebuild
from projections.status import Status
from projections.status import status as statuses
from projections.verify import verify
from projections.versions import GoesBackInTime
from tests.projections.rebuilding import a_life, active, dump
from tests.projections.waking import caught_up, projecting


@pytest.fixture
def owner(database: str) -> Iterator[Connection[Any]]:
    with connect(database, "wharf_owner") as conn:
        yield conn


def test_plain_views_follow_the_active_version(database: str) -> None:
    a_life(database)
    rebuild(database, INBOX)
    with connect(database, "wharf_read") as reader:
        for name in ("messages", "statuses", "conversations"):
            row = reader.execute(f"select count(*) from read.{name}".encode()).fetchone()
            assert row is not None
            assert row[0] > 0


def test_what_an_interrupted_rebuild_left_is_cleared_away(
    database: str, owner: Connection[Any]
) -> None:
    versions.create(owner, INBOX)
    assert ["ready", "building"] == [v.state for v in versions.versions(owner, "inbox")]

    rebuild(database, INBOX)

    assert ["ready", "ready"] == [v.state for v in versions.versions(owner, "inbox")]


@pytest.mark.slow
def test_activation_never_goes_back_in_time(database: str, owner: Connection[Any]) -> None:
    a_life(database)
    rebuild(database, INBOX)
    a_life(database, 50)
    with projector.connect_projector(database) as conn:
        projector.catch_up(conn, INBOX, 2)

    with pytest.raises(GoesBackInTime, match="version 1 is at position 0, the active one at"):
        versions.activate(owner, INBOX, 1)
    assert 2 == active(database)


@pytest.mark.slow
def test_the_old_version_keeps_projecting_and_going_back_is_activation(
    database: str, owner: Connection[Any]
) -> None:
    a_life(database)
    rebuild(database, INBOX)
    a_life(database, 50)
    with projecting(database) as working:
        working.catch_up("inbox")
    assert caught_up(database)
    assert dump(database, 1) == dump(database, 2)

    versions.activate(owner, INBOX, 1)

    assert 1 == active(database)
    assert [] == verify(database, INBOX).differences


@pytest.mark.slow
def test_an_old_version_goes_only_when_its_time_is_over(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        rebuild(database, INBOX)
    assert [1, 2, 3, 4] == [each.version for each in all_statuses(database)]

    monkeypatch.setattr(rebuilding, "KEPT", timedelta(0))
    rebuild(database, INBOX)

    assert [4, 5] == [each.version for each in all_statuses(database)]
    assert [4] == [each.version for each in all_statuses(database) if each.superseded_at]


def all_statuses(url: str) -> list[Status]:
    with connect(url, "wharf_project") as conn:
        return [each for each in statuses(conn) if each.view == INBOX.name]


def test_status_shows_how_far_each_version_is_behind(database: str, owner: Connection[Any]) -> None:
    a_life(database)
    (fresh,) = all_statuses(database)
    assert (1, True, "ready", 0) == (fresh.version, fresh.active, fresh.state, fresh.position)
    assert fresh.head == fresh.lag_events > 0
    assert fresh.lag_s > 0

    versions.create(owner, INBOX)
    with projecting(database) as working:
        working.catch_up("inbox")

    live, building = all_statuses(database)
    assert (live.head, 0, 0.0) == (live.position, live.lag_events, live.lag_s)
    assert ("building", False) == (building.state, building.active)
    assert building.head == building.lag_events
    assert building.lag_s >= fresh.lag_s
