"""A package outside the tree brings views by entry points, and whatever ours can they can too."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from events.database import connect, reading_pool
from projections import versions
from projections.catalogue import OURS, VIEWS
from projections.inbox.view import INBOX
from projections.media.view import MEDIA
from projections.registered import Registered, registered
from projections.view import View
from read_api.reading import Query, Reading
from tests.projections.installing import entry_points_in, install, install_example, python_path
from tests.system.service import as_url
from wharf.cli_projections import projections
from wharf.settings import Settings


@pytest.fixture
def told(database: str, tmp_path: Path) -> Any:
    """What a process says that has the example installed, and a package that is broken."""
    packages = tmp_path / "packages"
    install_example(packages)
    install(packages, "broken-views", "2", {"broken": "no_such_module:VIEW"})
    done = subprocess.run(
        [sys.executable, "-m", "tests.projections.own_views", database],
        env={
            **os.environ,
            "PYTHONPATH": python_path(packages),
            "DATABASE_URL": as_url(database),
            "WHARF_DATA_DIR": str(tmp_path),
        },
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_the_example_is_projected_rebuilt_verified_and_seen(told: dict[str, Any]) -> None:
    first = [["2025-11-13 02:00:00", 3], ["2025-11-13 03:00:00", 3], ["2025-11-13 04:00:00", 1]]
    later = [["2025-11-13 02:00:00", 4], *first[1:]]

    assert told["packages"] == {
        "message_hours": "wharf-message-hours 1.0",
        "message_hours_folded": "wharf-message-hours 1.0",
    }
    assert "the schema is up to date" in told["schema"]
    assert told["behind"] == [7, 7]
    # Once in SQL, once in Python: the same rows, live and anew.
    assert told["live"] == [first, first]
    assert told["later"] == [later, later]
    assert "message_hours_folded version 2 answers now, at position 8" in told["rebuilt"]
    assert told["anew"] == [later, later]
    assert ["is what the log says" in each for each in told["verified"]] == [True, True]
    assert told["differs"] == 1
    assert "message_hours_folded" in told["seen"]

    assert told["broken"] == ["broken"]
    found = {each["about"]: each for each in told["doctor"]}
    assert found["view message_hours"]["state"] == "ok"
    assert found["view broken"]["state"] == "wrong"
    assert (
        "broken-views 2 registers it, but no_such_module:VIEW can not be imported"
        in (found["view broken"]["told"])
    )


def found_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Registered:
    monkeypatch.syspath_prepend(str(folder))
    return registered(entry_points_in(folder), OURS.values())


def test_one_that_is_broken_is_named_with_its_package_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_example(tmp_path)
    (tmp_path / "acme_leaves.py").write_text("raise SystemExit(3)\n")
    (tmp_path / "acme_number.py").write_text("VIEW = 7\n")
    (tmp_path / "acme_inbox.py").write_text(
        "from projections.inbox.view import INBOX\nVIEW = INBOX\n"
    )
    views = {name: f"acme_{name}:VIEW" for name in ("leaves", "number", "inbox", "nowhere")}
    install(tmp_path, "acme", "3.1", views)

    found = found_in(tmp_path, monkeypatch)

    assert ["message_hours", "message_hours_folded"] == sorted(found.views)
    assert {("acme 3.1", name) for name in views} == {
        (each.package, each.name) for each in found.broken
    }
    reasons = {each.name: each.reason for each in found.broken}
    assert "SystemExit: 3" in reasons["leaves"]
    assert "acme_number:VIEW is no View: its type is int" in reasons["number"]
    assert "there is another view of that name" in reasons["inbox"]
    assert "ModuleNotFoundError: No module named 'acme_nowhere'" in reasons["nowhere"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": "other"}, "the entry point is called mine and its view other"),
        ({"event_types": ("MessageRecieved",)}, "reads MessageRecieved, and there is no such"),
        ({"keys": {}}, "nothing of it could be verified"),
        ({"plain_views": {"messages": "select 1"}}, "plain view messages is there already"),
        ({"plain_views": {"versions": "select 1"}}, "plain view versions is there already"),
    ],
    ids=["name", "event", "keys", "plain view", "pointer"],
)
def test_a_view_that_could_not_live_here_is_refused(
    change: dict[str, Any], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = registered_as("mine", replace(MEDIA, **{**MINE, **change}), tmp_path, monkeypatch)

    assert reason in found.broken[0].reason


@pytest.mark.parametrize("name", ["pg_mine", "mine_verify", "mine_at", "mine_numbered", "Mine", ""])
def test_a_name_that_schemas_can_not_have_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = replace(MEDIA, **{**MINE, "name": name})

    found = registered_as(name or "mine", view, tmp_path, monkeypatch)

    assert {} == found.views


MINE: dict[str, Any] = {"name": "mine", "plain_views": {}}


def registered_as(
    name: str, view: View, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Registered:
    monkeypatch.setattr(sys.modules[__name__], "_VIEW", view, raising=False)
    install(folder, "mine", "1", {name: f"{__name__}:_VIEW"})
    return registered(entry_points_in(folder), OURS.values())


def active(url: str, view: View) -> None:
    with connect(url, "wharf_owner") as owner:
        versions.ensure(owner, view)


async def test_tables_of_the_same_name_in_another_view_answer_nothing_of_ours(
    database: str,
) -> None:
    """A view whose name comes before ours, and which has tables with our names."""
    active(database, replace(INBOX, name="aaa", plain_views={}))
    async with reading_pool(database, size_max=1) as pool:
        answers = await Reading(pool, b"key", "media").read(
            [Query("select current_setting('search_path') as path", {})]
        )

    assert [{"path": "media_1,inbox_1,search_1,stats_1"}] == answers.rows[0]


def test_a_view_whose_package_is_gone_can_be_forgotten(database: str) -> None:
    settings = Settings(database_url=database)
    active(database, replace(MEDIA, name="gone", plain_views={"gone": "select id from media"}))
    before = CliRunner().invoke(projections, ["status"], obj=settings)

    done = CliRunner().invoke(projections, ["forget", "gone"], obj=settings)
    again = CliRunner().invoke(projections, ["forget", "gone"], obj=settings)
    ours = CliRunner().invoke(projections, ["forget", "inbox"], obj=settings)

    assert "not installed" in before.output
    assert "gone version 1 is dropped" in done.output
    assert "there is no view gone" in again.output
    assert "inbox is installed" in ours.output
    with psycopg.connect(database) as conn:
        assert conn.execute(
            "select to_regnamespace('gone_1'), to_regnamespace('gone_1_numbered'),"
            "       to_regclass('read.gone'), (select count(*) from read.active)"
        ).fetchone() == (None, None, None, len(VIEWS))
