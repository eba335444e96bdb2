"""The pages for who looks after it: what they say, where they lead, and that nothing acts."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from events.database import connect
from projections import projector
from projections.inbox.view import INBOX
from tests.projections.log import as_superuser
from tests.projections.test_poison import append_broken
from tests.read_api.pages.seeing import Seen, nothing_acts
from tests.wharf.ledger.desk import Desk, desk_at
from tests.write_side.posting import Store, delivery, post, with_items

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with desk_at(Store(database)) as desk:
        await desk.got(delivery(HOSTILE), with_items(HOSTILE))
        await post(desk.client, delivery(), "another secret")
        await asyncio.to_thread(append_broken, database)
        with projector.connect_projector(database) as conn:
            projector.catch_up(conn, INBOX, 1)
        yield desk


async def opened(desk: Desk, path: str, status: int = 200) -> Seen:
    answer = await desk.client.get(path, headers={"Accept": "text/html"})
    assert status == answer.status_code, answer.text
    page = Seen(answer.text)
    nothing_acts(page)
    return page


async def test_the_overview_shows_what_comes_in_the_views_and_what_was_put_aside(
    desk: Desk,
) -> None:
    page = await opened(desk, "/ops")

    assert "Alarm" not in page.text
    assert "2 in the last hour" in page.text
    assert "3 of 3" in page.text
    assert "tomorrow-ish" in page.text
    assert {"/ops/deliveries?outcome=quarantined", "/ops/events/3"} <= set(page.links())
    # media, search and stats have applied nothing.
    assert 3 == page.text.count("3 events, ")


async def test_a_rebuild_and_a_comparison_are_shown(desk: Desk) -> None:
    with connect(desk.store.url, "wharf_owner") as conn:
        conn.execute("select pg_advisory_lock(hashtextextended('wharf rebuild inbox', 0))")
        conn.execute(
            "insert into read.versions (view, version, schema_name, state, position, builder,"
            " began_at, began_position) values ('inbox', 2, 'inbox_2', 'building', 2,"
            " 'process 77 on harbour', now() - interval '1 s', 0)"
        )
        conn.execute(
            "insert into ops.verifications (view, version, position, began_at, differences, tables)"
            ' values (\'inbox\', 1, 3, now(), 2, \'{"messages": {"rows": 2, "missing_live": 1,'
            ' "missing_replay": 0, "columns": {"text_body": 1}}}\')'
        )
        page = await opened(desk, "/ops?part=state")

    assert "held by process 77 on harbour" in page.text
    assert "66 %" in page.text
    assert "2 rows differ" in page.text
    assert [{"value": "2", "max": "3", "aria-label": "Version 2 of inbox"}] == [
        attrs for tag, attrs in page.tags if tag == "progress"
    ]


async def test_nothing_verified_for_an_hour_is_an_alarm(desk: Desk) -> None:
    with as_superuser(desk.store.url) as conn:
        conn.execute("alter table log.deliveries disable trigger deliveries_are_append_only")
        conn.execute("update log.deliveries set received_at = now() - interval '2 h'")

    assert "Alarm: nothing new for more than 1 h" in (await opened(desk, "/ops")).text


async def test_deliveries_are_filtered_and_lead_to_their_items(desk: Desk) -> None:
    listed = await opened(desk, "/ops/deliveries?outcome=stored")
    one = await opened(desk, "/ops/deliveries/2")

    assert ["/ops/deliveries/1"] == [
        link for link in listed.links() if link.startswith("/ops/deliveries/")
    ]
    assert "/entry/0/changes/0/value/messages/0" in one.text
    assert {"/ops/events/2", "/api/whatsapp/deliveries/2/raw/"} <= set(one.links())
    assert HOSTILE.replace('"', '\\"') in one.text


async def test_events_are_filtered_by_type_and_stream(desk: Desk) -> None:
    everything = await opened(desk, "/ops/events")
    some = await opened(desk, "/ops/events?type=ItemQuarantined")
    stream = (await desk.ask("events/1/"))["stream"]
    of_one = await opened(desk, f"/ops/events?stream={stream}&type=")
    older = await opened(desk, "/ops/events?limit=2")
    nonsense = await opened(desk, "/ops/events?type=1", 400)

    def positions(page: Seen) -> list[str]:
        return [each[12:] for each in page.links() if each.startswith("/ops/events/")]

    assert ["3", "2", "1"] == positions(everything)
    assert ["2"] == positions(some)
    assert ["1"] == positions(of_one)
    assert "/ops/events?limit=2&before=2" in older.links()
    assert "has to be one of AccountUpdated" in nonsense.text


async def test_an_event_leads_to_its_delivery_and_its_message(desk: Desk) -> None:
    page = await opened(desk, "/ops/events/1")

    assert {"/ops/deliveries/1", "/messages/1", "/ops/events/2"} <= set(page.links())
    assert "MessageReceived" in page.text
    await opened(desk, "/ops/events/99", 404)


@pytest.mark.parametrize(
    "path", ["/ops", "/ops/deliveries", "/ops/deliveries/1", "/ops/events", "/ops/events/1"]
)
async def test_it_takes_the_scope_and_hides_what_may_not_be_known(desk: Desk, path: str) -> None:
    async with desk_at(desk.store, ["conversations:read", "messages:read"]) as agent:
        refused = await agent.client.get(path)
    async with desk_at(desk.store, ["events:read"]) as masked:
        page = await opened(masked, path)

    assert 403 == refused.status_code
    assert "5511987654321" not in page.text
    assert [] == page.having("method", "post")


async def test_who_is_not_signed_in_is_led_to_where_that_is_done(desk: Desk) -> None:
    del desk.client.headers["X-Api-Key"]
    answer: httpx.Response = await desk.client.get("/ops/events?type=NoteAdded")

    assert (303, "/sign-in?next=%2Fops%2Fevents%3Ftype%3DNoteAdded") == (
        answer.status_code,
        answer.headers["location"],
    )


async def test_a_conversation_is_replayed_along_its_events(desk: Desk) -> None:
    await desk.client.post("/api/whatsapp/conversations/1/notes/", json={"body": "call her"})
    await desk.got(delivery("and now?"))
    desk.project()
    first = await opened(desk, "/ops/replay/1?at=1")
    last = await opened(desk, "/ops/replay/1")
    slid = await desk.client.get("/ops/replay/1?n=1")
    between = await opened(desk, "/ops/replay/1?at=3")

    assert "1 of 3" in first.text
    assert HOSTILE in first.text
    assert "and now?" not in first.text
    assert "call her" not in first.text
    assert "3 of 3" in last.text
    assert "and now?" in last.text
    assert (303, "/ops/replay/1?at=4") == (slid.status_code, slid.headers["location"])
    assert "1 of 3" in between.text
    assert {"/ops/replay/1?at=4", "/ops/events/1", "/inbox/1"} <= set(between.links())


async def test_two_points_of_a_conversation_are_compared(desk: Desk) -> None:
    await desk.client.post("/api/whatsapp/conversations/1/notes/", json={"body": "call her"})
    await desk.got(delivery("and now?"))
    desk.project()
    between = await opened(desk, "/ops/replay/1?at=5&since=1")
    backwards = await opened(desk, "/ops/replay/1?at=1&since=5")
    same = await opened(desk, "/ops/replay/1?at=1&since=1")
    slid = await desk.client.get("/ops/replay/1?n=1&since=1")

    for page in (between, backwards):
        assert "From event 1 to event 5" in page.text
        said = " ".join(page.text.partition("As of 5")[2].partition("Its events")[0].split())
        assert said.startswith(
            "Unread 1 2 Messages received 1 2 Notes – call her Message 5 was not there and now?"
        )
    assert "/ops/replay/1?at=4&since=1" in between.links()
    assert "/ops/replay/1?at=5" in between.links()
    assert "Nothing that is shown here is different." in same.text
    assert "/ops/replay/1?at=4&since=1" == slid.headers["location"]


async def test_a_conversation_to_replay_is_chosen(desk: Desk) -> None:
    page = await opened(desk, "/ops/replay")
    chosen = await desk.client.get("/ops/replay?conversation=1")
    await opened(desk, "/ops/replay/99", 404)

    assert "/ops/replay/1" in page.links()
    assert (303, "/ops/replay/1") == (chosen.status_code, chosen.headers["location"])
