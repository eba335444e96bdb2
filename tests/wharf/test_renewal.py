"""After an upgrade: views of another release are built anew while the service runs."""

import asyncio
import dataclasses

import pytest
from click.testing import CliRunner

from events.database import connect, reading_pool
from projections.inbox.view import INBOX
from projections.verify import OtherRelease, verify
from read_api.errors import StoreUnavailable
from read_api.reading import Query, Reading
from tests.projections.rebuilding import a_life, active, dump
from tests.projections.waking import eventually, projecting
from wharf.cli_projections import projections
from wharf.renewal import Renewal, outdated
from wharf.settings import Settings

MESSAGES = Query("select caption from messages order by id", {})


@pytest.fixture
def old_database(database: str) -> str:
    """One whose inbox was made by a release that knew no captions."""
    with connect(database, "wharf_owner") as owner:
        owner.execute("drop view read.messages")
        owner.execute("alter table inbox_1.messages drop column caption cascade")
        owner.execute("update read.versions set definition = 'other' where view = 'inbox'")
    a_life(database)
    return database


async def test_questions_are_answered_503_until_the_view_is_there(old_database: str) -> None:
    async with reading_pool(old_database, size_max=1) as pool:
        reading = Reading(pool, b"key")
        with pytest.raises(StoreUnavailable, match="no active version of this release yet"):
            await reading.read([MESSAGES])

        Renewal(old_database, outdated(old_database)).start()
        await asyncio.to_thread(eventually, lambda: outdated(old_database) == [])

        assert (await reading.read([MESSAGES])).rows[0]


def test_a_projector_leaves_another_releases_version_alone(old_database: str) -> None:
    with projecting(old_database) as working:
        working.catch_up("inbox")

    with connect(old_database, "wharf_project") as conn:
        assert [(0,)] == conn.execute(
            "select position from read.versions where view = 'inbox'"
        ).fetchall()


def test_nothing_is_done_where_nothing_has_changed(database: str) -> None:
    assert [] == outdated(database)
    Renewal(database, []).start()


def test_the_command_builds_what_an_upgrade_has_changed(old_database: str) -> None:
    settings = Settings(database_url=old_database)
    before = CliRunner().invoke(projections, ["status"], obj=settings)

    done = CliRunner().invoke(projections, ["rebuild", "--outdated"], obj=settings)

    assert "another release's" in before.output
    assert "inbox version 2 answers now" in done.output
    assert "media" not in done.output
    assert 2 == active(old_database)
    assert dump(old_database, 2)["messages"]


def test_verify_says_when_the_active_version_is_another_releases(old_database: str) -> None:
    with pytest.raises(OtherRelease, match="inbox version 1 was made by another release"):
        verify(old_database, INBOX)


def test_only_what_makes_other_rows_makes_another_definition() -> None:
    def like(**change: str | int | tuple[str, ...]) -> str:
        return dataclasses.replace(INBOX, **change).definition  # type: ignore[arg-type]

    assert INBOX.definition == like(tables=INBOX.tables + "\n-- more of the same\n")
    others = {
        like(revision=INBOX.revision + 1),
        like(tables=INBOX.tables + "create table more ();"),
        like(event_types=(*INBOX.event_types, "Another")),
        INBOX.definition,
    }
    assert 4 == len(others)


def test_a_rebuild_tells_programs_where_it_is(database: str) -> None:
    a_life(database)

    told = CliRunner().invoke(
        projections, ["rebuild", "inbox", "--json"], obj=Settings(database_url=database)
    )

    first, *_, last = told.output.splitlines()
    assert '{"view": "inbox", "position": 0, "head": ' in first
    assert '"version": 2' in last
    assert '"answers": true' in last


@pytest.mark.parametrize("options", [[], ["inbox", "--all"], ["--all", "--outdated"]])
def test_a_rebuild_wants_to_know_of_what(options: list[str]) -> None:
    refused = CliRunner().invoke(projections, ["rebuild", *options], obj=Settings())

    assert 2 == refused.exit_code
    assert "name the views to rebuild" in refused.output


def test_the_way_back_is_activation(database: str) -> None:
    a_life(database)
    settings = Settings(database_url=database)
    CliRunner().invoke(projections, ["rebuild", "inbox"], obj=settings)
    refused = CliRunner().invoke(projections, ["activate", "inbox", "--version", "1"], obj=settings)
    with projecting(database) as working:
        working.catch_up("inbox")

    back = CliRunner().invoke(projections, ["activate", "inbox", "--version", "1"], obj=settings)

    assert "let it catch up first" in refused.output
    assert "inbox version 1 answers now" in back.output
    assert 1 == active(database)
