"""Changes as the log and the tables give them, in pages and as a stream."""

import asyncio
from typing import Any

import pytest

from events.database import connect
from projections.inbox.view import INBOX
from projections.rebuild import rebuild
from read_api.live import stream as streams
from tests.projections.log import NUMBER, mark_read, message, moved_to, post, status
from tests.projections.rebuilding import a_life, active
from tests.read_api.live.conftest import House
from wharf import primary
from wharf.keys import revoke_key


async def all_pages(house: House, **query: Any) -> list[dict[str, Any]]:
    """Every change there is, page by page as a warehouse fetches them."""
    found: list[dict[str, Any]] = []
    after, more = 0, True
    while more:
        page = await house.desk.ask("changes/", after=after, **query)
        found += page["changes"]
        assert page["next_after"] > after or not page["has_more"]
        after, more = page["next_after"], page["has_more"]
    return found


async def given(house: House, *deliveries: Any) -> None:
    await asyncio.to_thread(post, house.url, *deliveries)
    house.project()


async def test_a_change_says_what_has_changed_and_where(house: House) -> None:
    await given(
        house,
        message("in1", 0, phone="551", user="US.1", name="Ana"),
        status("out1", "delivered", 5, user="US.1"),
    )

    received, delivered = await all_pages(house)

    assert {
        "position": 1,
        "type": "message.received",
        "phone_number_id": NUMBER,
        "conversation_id": 1,
        "unread_count": 1,
        "id": 1,
        "message_id": "in1",
    } == {name: value for name, value in received.items() if name != "at"}
    assert ("message.status", 1, 2, "delivered") == (
        delivered["type"],
        delivered["conversation_id"],
        delivered["id"],
        delivered["status"],
    )


async def test_stream_and_pages_tell_the_same(house: House) -> None:
    async with house.listen() as listener:
        await asyncio.to_thread(a_life, house.url)
        house.project()
        pages = await all_pages(house, limit=7)
        await listener.hears(len(pages))

    assert pages == [heard.data for heard in listener.heard]
    assert {"message.received", "message.status", "conversation.updated"} == {
        change["type"] for change in pages
    }
    # The one who moves has not written before: that phone is somebody else's in what follows.
    assert all(
        change["conversation_id"] for change in pages if change["type"] != "conversation.updated"
    )


async def test_a_page_read_again_is_the_same(house: House) -> None:
    await asyncio.to_thread(a_life, house.url)
    house.project()
    before = await house.desk.ask("changes/", after=3, limit=5)
    await asyncio.to_thread(a_life, house.url, 100)
    house.project()
    again = await house.desk.ask("changes/", after=3, limit=5)

    assert [5, 8, True] == [before["count"], before["next_after"], before["has_more"]]
    assert [one["position"] for one in before["changes"]] == [
        one["position"] for one in again["changes"]
    ]


async def test_nothing_is_told_that_the_tables_do_not_have(house: House) -> None:
    await given(house, message("in1", 0, phone="551"))
    await asyncio.to_thread(post, house.url, message("in2", 1, phone="551"))
    page = await house.desk.ask("changes/")
    house.project("inbox")
    # The view of the files has not come so far: no page that would tell of files does.
    held = await house.desk.ask("changes/")
    of_messages = await house.desk.ask("changes/", types="message.received")

    assert [1, 1, False] == [page["count"], page["next_after"], page["has_more"]]
    assert [1, 1, False] == [held["count"], held["next_after"], held["has_more"]]
    assert [2, 2, False] == [
        of_messages["count"],
        of_messages["next_after"],
        of_messages["has_more"],
    ]


@pytest.mark.parametrize("waits", [{}, {"min_position": 6}, {"min_position": 6, "stale": "allow"}])
async def test_who_is_beyond_the_log_is_told_to_begin_anew(
    house: House, waits: dict[str, Any]
) -> None:
    """The log was restored from a backup that is older than what they have read."""
    await given(house, message("in1", 0, phone="551"), message("in2", 1, phone="551"))

    headers = {"Prefer": "wait=0"}
    answer = await house.desk.client.get(
        "/api/whatsapp/changes/", params={"after": 5, **waits}, headers=headers
    )
    page = answer.json()
    anew = await house.desk.ask("changes/", after=page["next_after"])

    assert [200, True, 0, 0, True] == [
        answer.status_code,
        *(page[name] for name in ("resync", "count", "next_after", "has_more")),
    ]
    assert [False, 2] == [anew["resync"], anew["count"]]


async def test_tables_that_are_behind_are_no_reason_to_begin_anew(house: House) -> None:
    """As on a standby: whoever has read on another one is further than this one's tables."""
    await given(house, message("in1", 0, phone="551"))
    await asyncio.to_thread(post, house.url, message("in2", 1, phone="551"))

    page = await house.desk.ask("changes/", after=2)
    waiting = await house.desk.client.get(
        "/api/whatsapp/changes/",
        params={"after": 2, "min_position": 3},
        headers={"Prefer": "wait=0"},
    )
    house.project()
    later = await house.desk.ask("changes/", after=2)

    assert [False, 2, False] == [page["resync"], page["next_after"], page["has_more"]]
    assert (503, "projection-behind") == (waiting.status_code, waiting.json()["code"])
    assert [False, 2] == [later["resync"], later["next_after"]]


async def test_of_types_that_are_rare_a_page_may_be_empty_and_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("read_api.live.endpoints.SCANNED_MAX", 4)
    await given(house, *[message(f"in{n}", n, phone="551") for n in range(9)])
    await asyncio.to_thread(mark_read, house.url, "p:551", up_to=9)
    house.project()

    page = await house.desk.ask("changes/", types="read.marked")
    (marked,) = await all_pages(house, types="read.marked")

    assert [0, 4, True] == [page["count"], page["next_after"], page["has_more"]]
    assert (10, 1, 0) == (marked["position"], marked["conversation_id"], marked["unread_count"])


async def test_a_stream_about_a_conversation_follows_it_when_it_becomes_another(
    house: House,
) -> None:
    """A phone turns out to be somebody who is known already: the two are one from then on."""
    await given(house, message("in1", 0, user="US.1"), message("in2", 1, phone="551"))
    async with house.listen("conversation=2") as listener:
        await given(house, message("in3", 2, phone="551", user="US.1"))
        await given(house, message("in4", 3, user="US.1"))
        await listener.hears(3)
    async with house.listen("conversation=2", last_id=2) as again:
        await again.hears(3)

    assert [(3, 1), (3, 1), (4, 1)] == [
        (heard.position, heard.data["conversation_id"]) for heard in listener.heard
    ]
    assert [3, 3, 4] == [heard.position for heard in again.heard]
    assert [1, 2] == listener.heard[1].data["conversation_ids"]


async def test_a_system_message_is_about_the_conversation_that_goes_on(house: House) -> None:
    await given(
        house, message("in1", 0, phone="551"), moved_to("m", 5, phone="551", new_phone="552")
    )

    _, updated = await all_pages(house)

    assert ("conversation.updated", 1) == (updated["type"], updated["conversation_id"])


async def test_a_merge_and_its_end_are_told_with_the_ids_that_they_are_about(
    house: House,
) -> None:
    await given(house, message("in1", 0, phone="551"), message("in2", 1, phone="552"))
    async with house.listen("conversation=2") as listener:
        merged = await house.desk.client.post(
            "/api/whatsapp/customers/1/merge/", json={"customer_id": 2}
        )
        assert 200 == merged.status_code, merged.text
        house.project()
        await listener.hears(1)
        undone = await house.desk.client.post(
            "/api/whatsapp/customers/1/unmerge/", json={"merge": merged.json()["merge"]}
        )
        assert 200 == undone.status_code, undone.text
        house.project()
        merge, unmerge = await listener.hears(2)

    assert ("merged", 1, [1, 2]) == (
        merge.event,
        merge.data["conversation_id"],
        sorted(merge.data["conversation_ids"]),
    )
    assert ("unmerged", 3, [1, 2]) == (
        unmerge.event,
        unmerge.data["merge"],
        sorted(unmerge.data["conversation_ids"]),
    )


@pytest.mark.slow
async def test_a_rebuild_and_its_activation_lose_nothing_and_repeat_nothing(house: House) -> None:
    await asyncio.to_thread(a_life, house.url)
    house.project()
    async with house.listen(last_id=0) as listener:
        rebuilding = asyncio.create_task(asyncio.to_thread(rebuild, house.url, INBOX))
        begin = 100
        while not rebuilding.done():
            await asyncio.to_thread(a_life, house.url, begin, 3)
            await asyncio.to_thread(house.project)
            begin += 100
        await rebuilding
        await asyncio.to_thread(a_life, house.url, begin)
        await asyncio.to_thread(house.project)
        pages = await all_pages(house)
        await listener.until(lambda self: self.heard[-1].position == pages[-1]["position"])

    assert 2 == active(house.url)
    assert [change["position"] for change in pages] == [heard.position for heard in listener.heard]


@pytest.mark.slow
async def test_reconnecting_again_and_again_misses_nothing(house: House) -> None:
    heard: list[int] = []
    last_id = 0
    for begin in range(0, 1_000, 100):
        async with house.listen(last_id=last_id) as listener:
            await asyncio.to_thread(a_life, house.url, begin, 4)
            house.project("inbox")
            await listener.hears(1)
        # Cut off anywhere, also in the middle of what it was told.
        heard += [one.position for one in listener.heard]
        last_id = listener.last_id
    house.project()
    pages = await all_pages(house)
    async with house.listen(last_id=last_id) as listener:
        await listener.until(lambda self: self.last_id == pages[-1]["position"])
    heard += [one.position for one in listener.heard]

    assert [change["position"] for change in pages] == heard


@pytest.mark.parametrize("path", ["stream/", "changes/"])
async def test_it_takes_the_scope(house: House, path: str) -> None:
    key = house.key("messages:read")
    answer = await house.desk.client.get(f"/api/whatsapp/{path}", headers={"X-Api-Key": key.token})

    assert 403 == answer.status_code


async def test_a_page_hides_numbers_from_those_who_may_not_know_them(house: House) -> None:
    await given(house, message("in1", 0, phone="551"))
    key = house.key("stream:read")
    answer = await house.desk.client.get("/api/whatsapp/changes/", headers={"X-Api-Key": key.token})

    assert [None] == [change["message_id"] for change in answer.json()["changes"]]


async def found_anew(self: Any, word: str) -> Any:
    return await primary.ask(self._pool, lambda conn: self._look_up(conn, word))


async def test_a_revoked_key_hears_no_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHECK_S", 0.001)
    monkeypatch.setattr(primary.Remembering, "find", found_anew)
    key = house.key("stream:read")
    async with house.listen(key=key.token) as listener, house.listen() as other:
        with connect(house.url, "wharf_owner") as conn:
            revoke_key(conn, key.id)
        await listener.end()
        await given(house, message("in1", 0, phone="551"))
        await other.hears(1)

    assert [] == listener.heard


async def test_a_conversation_that_a_link_joined_with_another_is_told_to_be_no_more(
    house: House,
) -> None:
    await given(house, message("in1", 0, phone="551"), message("in2", 1, user="US.1"))
    async with house.listen() as listener:
        await given(
            house,
            message("in3", 2, phone="551", user="US.1"),
            message("in4", 3, phone="551", user="US.1"),
        )
        told = [one for one in await all_pages(house) if one["position"] > 2]
        await listener.hears(len(told))

    received, merged, later = told
    assert told == [heard.data for heard in listener.heard]
    assert ["message.received", "merged", "message.received"] == [one["type"] for one in told]
    assert (3, 3, 4) == (received["position"], merged["position"], later["position"])
    assert (1, [1, 2]) == (merged["conversation_id"], merged["conversation_ids"])
    assert [merged] == await all_pages(house, types="merged")


async def test_a_conversation_that_a_new_number_joined_with_another_is_told_to_be_no_more(
    house: House,
) -> None:
    await given(
        house,
        message("in1", 0, phone="551"),
        message("in2", 20, phone="559"),
        moved_to("sys", 10, phone="551", new_phone="559"),
    )

    (merged,) = await all_pages(house, types="merged")
    assert (3, [1, 2]) == (merged["position"], merged["conversation_ids"])


async def test_whoever_had_both_names_from_the_first_has_joined_nothing(house: House) -> None:
    await given(
        house,
        message("in1", 0, phone="551", user="US.1"),
        status("out1", "sent", 1, phone="551"),
        message("in2", 2, phone="551", user="US.1"),
    )

    assert [] == await all_pages(house, types="merged")
