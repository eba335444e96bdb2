"""The doctor says what is wrong and what to do."""

import asyncio
import dataclasses
import json
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import make_conninfo

from tests.projections.rebuilding import a_life
from tests.projections.waking import projecting
from tests.write_side.posting import client_for, delivery, post
from wharf.cli_doctor import doctor
from wharf.doctor.findings import Finding
from wharf.settings import Settings


def diagnosed(settings: Settings) -> tuple[int, dict[str, Finding]]:
    result = CliRunner().invoke(doctor, ["--json"], obj=settings)
    found = [Finding(**each) for each in json.loads(result.output)]
    return result.exit_code, {each.about: each for each in found}


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    # Nobody listens on port 1.
    return Settings(database_url=database, data_dir=tmp_path, port=1)


def test_a_new_installation_is_well_and_says_what_is_missing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    durable(monkeypatch)

    code, found = diagnosed(settings)

    assert 0 == code
    assert {"note"} == {found[about].state for about in ("service", "access token", "webhooks")}
    assert "none was ever verified" == found["webhooks"].told
    assert "ok" == found["view inbox"].state


def durable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own server does not fsync, which the doctor finds at once."""
    monkeypatch.setattr("wharf.doctor.database._server", lambda conn: iter(()))


def test_a_server_that_can_lose_what_was_acknowledged_is_wrong(settings: Settings) -> None:
    code, found = diagnosed(settings)

    assert (1, "wrong") == (code, found["durability"].state)
    assert "fsync is off" in found["durability"].told


def test_a_database_that_is_away_is_said_and_nothing_else_of_it(settings: Settings) -> None:
    away = dataclasses.replace(settings, database_url="postgresql://127.0.0.1:1/wharf")

    code, found = diagnosed(away)

    assert (1, "wrong") == (code, found["database"].state)
    assert "schema" not in found


def test_a_database_without_schema_or_of_a_newer_release_is_said(
    settings: Settings, server: str, database: str
) -> None:
    empty = dataclasses.replace(settings, database_url=server)
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("update ops.schema_version set version = 99")

    assert "run `wharf schema apply`" == diagnosed(empty)[1]["schema"].todo
    assert "run the newer release" == diagnosed(settings)[1]["schema"].todo


@pytest.mark.slow
def test_views_that_are_behind_poisoned_or_another_releases_are_said(
    settings: Settings, database: str
) -> None:
    a_life(database)
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("alter table log.events disable trigger all")
        conn.execute("update log.events set recorded_at = now() - interval '1 hour'")
        behind = diagnosed(settings)[1]["view inbox"]
        with projecting(database) as working:
            working.catch_up("inbox")
        well = diagnosed(settings)[1]["view inbox"]
        conn.execute(
            "insert into ops.poison (view, version, position, error) values ('inbox', 1, 3, 'no')"
        )
        poisoned = diagnosed(settings)[1]["view inbox"]
        conn.execute("update read.versions set definition = 'other' where view = 'inbox'")
        other = diagnosed(settings)[1]["view inbox"]

    assert "s behind" in behind.told
    assert "ok" == well.state
    assert "goes without 1 events" in poisoned.told
    assert "wharf projections rebuild --outdated" in str(other.todo)
    assert ["wrong"] * 3 == [each.state for each in (behind, poisoned, other)]


def test_what_was_verified_and_what_was_refused_is_told(settings: Settings, database: str) -> None:
    async def knock() -> None:
        async with client_for(database) as client:
            await post(client, delivery())
            await post(client, delivery(), "a secret that is not ours")

    asyncio.run(knock())

    found = diagnosed(settings)[1]

    assert ("ok", "note") == (found["webhooks"].state, found["refused"].state)
    assert found["refused"].told.startswith("1 deliveries in a day, the last because")


def test_a_broker_that_is_away_is_wrong_and_loses_nothing(settings: Settings) -> None:
    away = dataclasses.replace(settings, broker_url="redis://127.0.0.1:1/0")

    found = diagnosed(away)[1]["broker"]

    assert "wrong" == found.state
    assert "nothing is lost" in str(found.todo)


def test_a_login_without_the_roles_is_told_so(
    settings: Settings, database: str, server: str
) -> None:
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute("drop role if exists doctors_stranger")
        conn.execute("create role doctors_stranger login")
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("grant usage on schema ops to doctors_stranger")
        conn.execute("grant select on ops.schema_version to doctors_stranger")
    stranger = make_conninfo(database, user="doctors_stranger")

    code, found = diagnosed(dataclasses.replace(settings, database_url=stranger))

    assert 1 == code
    assert {"roles", "database"} & {about for about, each in found.items() if each.state == "wrong"}


def test_beyond_loopback_secrets_are_asked_for(settings: Settings) -> None:
    found = diagnosed(dataclasses.replace(settings, host="0.0.0.0"))[1]

    assert "WHATSAPP_APP_SECRET" in str(found["secrets"].todo)


def test_a_person_reads_it_line_by_line(settings: Settings) -> None:
    told = CliRunner().invoke(doctor, [], obj=settings).output

    assert "  WRONG  durability: " in told
    assert "           -> set fsync = on" in told


def test_a_paused_view_is_no_fault_of_the_workers(settings: Settings) -> None:
    assert settings.database_url is not None
    a_life(settings.database_url)
    with psycopg.connect(settings.database_url) as conn:
        conn.execute(
            "update read.versions set paused_at = now(), paused_by = 'ana' where view = 'inbox'"
        )

    _, found = diagnosed(settings)

    assert ("note", "`wharf projections resume inbox`") == (
        found["view inbox"].state,
        found["view inbox"].todo,
    )
    assert "ana paused it at" in found["view inbox"].told
