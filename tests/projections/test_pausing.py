"""Pausing: a view stays where it is until somebody lets it go on."""

import threading

import psycopg
import pytest
from click.testing import CliRunner, Result

from projections import pausing
from projections.catalogue import VIEWS
from projections.inbox.view import INBOX
from projections.projecting import Projecting
from projections.rebuild import rebuild
from projections.verify import verify
from projections.versions import create, versions
from tests.projections.log import owner
from tests.projections.rebuilding import a_life, active
from tests.projections.waking import eventually
from wharf.cli_projections import projections
from wharf.settings import Settings

WAITING = b"""
select from pg_stat_activity
 where datname = current_database() and wait_event_type = 'Lock' and query like '%paused_at%'
"""


@pytest.fixture
def live(database: str) -> str:
    """Conninfo; a life that all views have applied."""
    a_life(database)
    catch_up(database)
    return database


def catch_up(url: str) -> None:
    """By workers that have just started."""
    working = Projecting(url, VIEWS)
    for view in VIEWS:
        working.catch_up(view)
    working.close()


def positions(url: str) -> dict[str, int]:
    with psycopg.connect(url) as conn:
        return dict(
            conn.execute(
                "select view, position from read.versions join read.active using (view, version)"
            ).fetchall()
        )


def cli(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(projections, arguments, obj=Settings(database_url=url))


def test_a_paused_view_stays_where_it_is_whatever_is_restarted(live: str) -> None:
    before = positions(live)
    with owner(live) as conn:
        held = pausing.pause(conn, "inbox", "ana")
        a_life(live, begin=100)
        catch_up(live)
        after = positions(live)
        again = pausing.pause(conn, "inbox", "ben")
        resumed = pausing.resume(conn, "inbox")
    catch_up(live)

    assert held is not None
    assert (before["inbox"], "ana") == (held.position, held.paused_by)
    assert held == again
    assert before["inbox"] == after["inbox"]
    assert min(position for view, position in after.items() if view != "inbox") > before["inbox"]
    assert (before["inbox"], None, None) == resumed
    assert 1 == len(set(positions(live).values()))
    assert [] == verify(live, INBOX).differences


def test_it_returns_when_the_step_under_way_has_ended(live: str) -> None:
    found: list[pausing.Paused | None] = []

    def pause() -> None:
        with owner(live) as conn:
            found.append(pausing.pause(conn, "inbox", "ana"))

    with psycopg.connect(live) as stepping, psycopg.connect(live, autocommit=True) as looking:
        stepping.execute("update read.versions set position = position where view = 'inbox'")
        pauser = threading.Thread(target=pause)
        pauser.start()
        eventually(lambda: looking.execute(WAITING).fetchone() is not None)
        waited = not found
        stepping.commit()
        pauser.join()

    assert waited
    assert [True] == [each is not None and each.paused_at is not None for each in found]


def test_a_rebuild_makes_a_version_that_is_not_held(live: str) -> None:
    with owner(live) as conn:
        pausing.pause(conn, "inbox", "ana")
        a_life(live, begin=100)
        rebuild(live, INBOX)
    a_life(live, begin=200)
    catch_up(live)

    assert 2 == active(live)
    assert 1 == len(set(positions(live).values()))


def test_what_is_being_built_is_not_held(live: str) -> None:
    with owner(live) as conn:
        building = create(conn, INBOX)
        pausing.pause(conn, "inbox", "ana")
        paused = conn.execute(
            "select version from read.versions where paused_at is not null"
        ).fetchall()

        assert [1, building.version] == [each.version for each in versions(conn, "inbox")]
    assert [(1,)] == paused


def test_the_command_line_pauses_says_so_and_resumes(live: str) -> None:
    paused = cli(live, "pause", "inbox")
    shown = cli(live, "status")
    resumed = cli(live, "resume", "inbox")
    after = cli(live, "status")

    assert (0, 0) == (paused.exit_code, resumed.exit_code)
    assert f"at position {positions(live)['inbox']}" in paused.output
    assert ["paused"] == [line.split()[2] for line in lines(shown) if line.startswith("inbox")]
    assert {"ready"} == {line.split()[2] for line in lines(after)[1:]}
    assert "goes on" in resumed.output


def lines(result: Result) -> list[str]:
    return result.output.splitlines()


def test_a_view_that_nobody_has_made_can_not_be_paused(live: str) -> None:
    with owner(live) as conn:
        assert pausing.pause(conn, "nothing", "ana") is None
