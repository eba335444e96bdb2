"""Looking after the views over HTTP: how they are, rebuilding, comparing, and poison."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from events.database import connect
from projections import projector
from projections.inbox.view import INBOX
from projections.projecting import Projecting
from tests.projections.log import as_superuser
from tests.projections.rebuilding import a_life, active
from tests.projections.test_poison import BAD, append_broken, executing, failing
from tests.wharf.ledger.desk import Desk, desk_at
from tests.write_side.posting import GUARD_S, Store
from wharf.views_admin.models import WhichPoison

PATH = "/api/admin/projections/"


@pytest.fixture
def store(database: str) -> Store:
    a_life(database)
    return Store(database)


def catch_up(desk: Desk, *bad: int) -> None:
    view = failing(executing("select 1 / 0"), *bad) if bad else INBOX
    with projector.connect_projector(desk.store.url) as conn:
        projector.catch_up(conn, view, 1)


async def look(desk: Desk, name: str = "inbox") -> dict[str, Any]:
    answer = await desk.client.get(f"{PATH}{name}/")
    assert 200 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def until(desk: Desk, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    guard = time.monotonic() + GUARD_S
    while not condition(found := await look(desk)):
        assert time.monotonic() < guard, found
        await asyncio.sleep(0.05)
    return found


async def command(desk: Desk, path: str, body: Any = None) -> httpx.Response:
    return await desk.client.post(f"{PATH}{path}", json=body or {})


async def test_every_view_is_told_with_its_versions_and_lag(store: Store) -> None:
    async with desk_at(store) as desk:
        catch_up(desk)
        listed = (await desk.client.get(PATH)).json()
        inbox = await look(desk)

    assert ["inbox", "media", "search", "stats"] == [v["name"] for v in listed["projections"]]
    assert inbox == listed["projections"][0]
    assert ("live", 1, 0, None) == tuple(
        inbox[key] for key in ("state", "version", "behind_events", "verified")
    )
    media = listed["projections"][1]
    assert media["behind_events"] == media["head"] == inbox["position"] > 0
    assert [(1, "live", 100, True)] == [
        (v["version"], v["state"], v["percent"], v["of_this_release"]) for v in inbox["versions"]
    ]


async def test_poison_is_listed_tried_again_and_skipped(store: Store) -> None:
    await asyncio.to_thread(append_broken, store.url)
    async with desk_at(store) as desk:
        catch_up(desk, *BAD)
        before = await look(desk)
        broken = max(each["position"] for each in before["poison"])
        done = (await command(desk, "inbox/poison/retry/", {"all": True})).json()
        skipped = [
            (await command(desk, "inbox/poison/skip/", {"position": broken})).json()
            for _ in range(2)
        ]
        again = await command(desk, "inbox/poison/retry/", {"position": BAD[0]})
        after = await look(desk)

    assert [*BAD, broken] == [each["position"] for each in before["poison"]]
    assert 4 == before["poison_count"] == before["versions"][0]["poison_count"]
    assert ("22012", 1) == (before["poison"][0]["sqlstate"], before["poison"][0]["tries"])
    assert [(p, p != broken) for p in (*BAD, broken)] == [
        (each["position"], each["applied"]) for each in done["retried"]
    ]
    assert "timestamp" in done["retried"][-1]["error"]
    assert [[{"version": 1, "position": broken}]] * 2 == [each["skipped"] for each in skipped]
    assert (200, []) == (again.status_code, again.json()["retried"])
    (left,) = after["poison"]
    assert (broken, 2, 0) == (left["position"], left["tries"], after["poison_count"])
    assert left["skipped_at"] is not None


@pytest.mark.parametrize("position", [{}, {"position": None}, {"position": 7}])
@pytest.mark.parametrize("all_", [{}, {"all": False}, {"all": True}])
def test_the_document_says_that_it_is_one_or_all(
    position: dict[str, Any], all_: dict[str, Any]
) -> None:
    body = position | all_
    good = (body.get("position") is not None) != body.get("all", False)

    assert good == Draft202012Validator(WhichPoison.model_json_schema()).is_valid(body)


async def test_an_error_is_shown_to_nobody_who_may_not_know_whom_it_names(store: Store) -> None:
    async with desk_at(store, ["projections:admin"]) as desk:
        catch_up(desk, *BAD)
        first = (await look(desk))["poison"][0]

    assert (None, None) == (first["error"], first["stream"])
    assert "22012" == first["sqlstate"]


async def test_a_rebuild_is_begun_shown_and_gone_back_on(store: Store) -> None:
    async with desk_at(store) as desk:
        catch_up(desk)
        begun = await command(desk, "inbox/rebuild/")
        done = await until(desk, lambda found: found["version"] == 2)
        back = await command(desk, "inbox/swap/", {"version": 1})
        nowhere = await command(desk, "inbox/swap/", {"version": 7})

    assert 202 == begun.status_code, begun.text
    assert ["superseded", "live"] == [each["state"] for each in done["versions"]]
    assert "process" in done["versions"][1]["builder"]
    assert (200, 1, 404) == (back.status_code, active(store.url), nowhere.status_code)


async def test_a_second_rebuild_is_refused_and_names_who_has_it(store: Store) -> None:
    async with desk_at(store) as desk:
        catch_up(desk)
        with connect(store.url, "wharf_owner") as conn:
            conn.execute("select pg_advisory_lock(hashtextextended('wharf rebuild inbox', 0))")
            conn.execute(
                "insert into read.versions (view, version, schema_name, state, position, builder,"
                " began_at, began_position) values ('inbox', 2, 'inbox_2', 'building', 5,"
                " 'process 77 on harbour', now() - interval '1 s', 0)"
            )
            during = await look(desk)
            refused = await command(desk, "inbox/rebuild/")
            conn.execute("select pg_advisory_unlock_all()")
        after = await look(desk)

    assert (409, "rebuild-running") == (refused.status_code, refused.json()["code"])
    assert "process 77 on harbour" in refused.json()["detail"]
    assert ["live", "building"] == [each["state"] for each in during["versions"]]
    assert 1 <= during["events_per_second"] <= 5
    assert during["eta_seconds"] > 0
    assert "interrupted" == after["versions"][1]["state"]


async def test_a_comparison_is_kept_and_says_nothing_of_what_differs(store: Store) -> None:
    async with desk_at(store) as desk:
        catch_up(desk)
        begun = await command(desk, "inbox/verify/")
        right = await until(desk, lambda found: found["verified"] is not None)
        with as_superuser(store.url) as conn:
            conn.execute("update inbox_1.messages set text_body = 'secret' where id <= 3")
            conn.execute("delete from inbox_1.reactions")
        await until(desk, lambda found: not found["verifying"])
        await command(desk, "inbox/verify/")
        wrong = await until(desk, lambda found: found["verified"]["differences"] > 0)

    assert 202 == begun.status_code
    assert (0, {}) == (right["verified"]["differences"], right["verified"]["tables"])
    assert right["position"] == right["verified"]["position"]
    messages = wrong["verified"]["tables"]["messages"]
    assert wrong["verified"]["differences"] == messages["rows"] == messages["columns"]["text_body"]
    assert "secret" not in str(wrong)


async def test_a_view_that_is_held_up_says_by_what_until_it_goes_on(store: Store) -> None:
    wrong = failing(executing("select * from no_such_table"), 1)
    working = Projecting(store.url, {"inbox": wrong})
    working.catch_up("inbox")
    working.close()
    async with desk_at(store) as desk:
        held_up = await look(desk)
        catch_up(desk)
        after = await look(desk)

    assert "failed" == held_up["state"]
    assert "no_such_table" in held_up["last_error"]
    assert held_up["versions"][0]["held_up_since"] is not None
    assert ("live", None) == (after["state"], after["last_error"])


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("inbox/poison/skip/", {}, 422),
        ("inbox/poison/skip/", {"position": 1, "all": True}, 422),
        ("inbox/rebuild/", {"resume": "yes"}, 422),
        ("nothing/verify/", {}, 404),
    ],
)
async def test_what_makes_no_sense_is_refused(
    desk: Desk, path: str, body: dict[str, Any], status: int
) -> None:
    assert status == (await command(desk, path, body)).status_code


async def test_it_takes_the_scope(store: Store) -> None:
    async with desk_at(store, ["conversations:read", "events:read"]) as desk:
        asked = await desk.client.get(PATH)
        commanded = await command(desk, "inbox/rebuild/")

    assert (403, 403) == (asked.status_code, commanded.status_code)


@pytest.fixture
async def desk(store: Store) -> Any:
    async with desk_at(store) as desk:
        yield desk


async def test_a_view_is_paused_told_everywhere_and_goes_on(store: Store) -> None:
    async with desk_at(store) as desk:
        catch_up(desk)
        paused = await command(desk, "inbox/pause/")
        await asyncio.to_thread(a_life, store.url, 100)
        with projector.connect_projector(store.url) as conn:
            assert projector.catch_up(conn, INBOX, 1) is None
        told = await look(desk)
        (shown,) = [
            each
            for each in (await desk.client.get("/api/whatsapp/views/")).json()["views"]
            if each["name"] == "inbox"
        ]
        metrics = (await desk.client.get("/metrics")).text
        page = (await desk.client.get("/ops", headers={"Accept": "text/html"})).text
        resumed = await command(desk, "inbox/resume/")
        catch_up(desk)
        after = await look(desk)

    assert (200, 200) == (paused.status_code, resumed.status_code)
    held = paused.json()
    assert held["paused_at"] == told["versions"][0]["paused_at"] == shown["paused_at"]
    assert held["view_position"] == held["position"] == told["position"] < told["head"]
    assert "paused" == told["state"]
    assert 'wharf_view_paused{view="inbox"} 1.0' in metrics
    assert 'wharf_view_paused{view="stats"} 0.0' in metrics
    assert f"{held['paused_by']} paused it" in page
    assert (None, None) == (resumed.json()["paused_at"], resumed.json()["paused_by"])
    assert ("live", after["head"]) == (after["state"], after["position"])


async def test_the_rows_that_differ_are_told_of_a_sample_and_of_all(store: Store) -> None:
    async with desk_at(store) as desk:
        catch_up(desk)
        with as_superuser(store.url) as conn:
            conn.execute("update inbox_1.messages set text_body = 'secret' where id = 1")
            conn.execute("delete from inbox_1.messages where id = 3")
        everything = (await desk.client.get(f"{PATH}inbox/diff/")).json()
        sample = (await desk.client.get(f"{PATH}inbox/diff/", params={"sample": 100})).json()
        refused = await desk.client.get(f"{PATH}stats/diff/", params={"sample": 5})
    async with desk_at(store, ("projections:admin",)) as desk:
        hidden = (await desk.client.get(f"{PATH}inbox/diff/")).json()

    (edited,) = [row for row in everything["rows"] if row["columns"].keys() == {"text_body"}]
    assert ("messages", ["1"], None) == (edited["table"], edited["key"], edited["missing"])
    assert {"live": "secret", "replay": "hola"} == edited["columns"]["text_body"]
    assert ("messages", "live") in {(row["table"], row["missing"]) for row in everything["rows"]}
    assert everything["count"] == len(everything["rows"])
    assert edited in sample["rows"]
    assert (400, True) == (refused.status_code, "as a whole alone" in refused.text)
    assert everything["count"] == hidden["count"]
    assert "secret" not in str(hidden)
    assert {None} == {row["key"] for row in hidden["rows"]}
