"""POST deliveries/{id}/reprocess/: what a delivery's items have become since they came."""

import asyncio

import pytest

from tests.wharf.ledger.desk import Desk, desk_at
from tests.write_side.posting import Store, delivery, with_items
from write_side.translation import delivery as delivery_module
from write_side.translation.routes import ARRAYS


async def got_by_an_older_release(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *bodies: bytes
) -> None:
    """It came when nothing was known of messages."""
    with monkeypatch.context() as older:
        older.delitem(ARRAYS, "messages")
        await desk.got(*bodies)


def two() -> bytes:
    item = {"from": "5511987654321", "timestamp": "1763000000", "type": "text"}
    return with_items(
        *({**item, "id": wamid, "text": {"body": wamid}} for wamid in ("wamid.a", "wamid.b"))
    )


async def test_what_was_not_understood_becomes_the_events_it_never_had(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await got_by_an_older_release(desk, monkeypatch, two())

    answer = await desk.reprocess(1)

    assert ([2, 3], 3, 0) == (answer["appended"], answer["position"], answer["refused"])
    (item,) = answer["items"]
    assert (1, "UnrecognisedChange") == (item["event_position"], item["event_type"])
    pointer = "/entry/0/changes/0/value/messages"
    assert [
        (2, "MessageReceived", f"{pointer}/0", "stored"),
        (3, "MessageReceived", f"{pointer}/1", "stored"),
    ] == [
        (one["event_position"], one["event_type"], one["pointer"], one["outcome"])
        for one in item["resolved_by"]
    ]
    assert answer["items"] == (await desk.ask("deliveries/1/"))["items"]


async def test_asked_again_it_adds_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await got_by_an_older_release(desk, monkeypatch, two())
    first = await desk.reprocess(1)

    again = await desk.reprocess(1)

    assert {**first, "appended": []} == again


async def test_asked_eight_times_at_once_it_adds_everything_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await got_by_an_older_release(desk, monkeypatch, two())

    await asyncio.gather(*[desk.reprocess(1) for _ in range(8)])

    assert [(3,)] == desk.store.rows("select count(*) from log.events")


async def test_a_delivery_that_was_understood_gets_nothing(desk: Desk) -> None:
    await desk.got(delivery(), b"rubbish", with_items())

    for id_ in (1, 2, 3):
        answer = await desk.reprocess(id_)

        assert ([], 2) == (answer["appended"], answer["position"])
        assert 1 == len(answer["items"])


async def test_what_an_older_release_took_for_nothing_is_added(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.delitem(ARRAYS["messages"], "messages")
        older.setattr(delivery_module, "holds_something", lambda raw: False)
        await desk.got(two())
    assert ["ignored"] == [item["outcome"] for item in (await desk.ask("deliveries/1/"))["items"]]

    answers = [await desk.reprocess(1) for _ in range(2)]

    assert [[1, 2], []] == [answer["appended"] for answer in answers]
    assert ["ignored", "stored", "stored"] == [item["outcome"] for item in answers[1]["items"]]
    assert [("1", "1"), ("1", "2")] == [
        (str(delivery_id), str(position))
        for delivery_id, position in desk.store.rows(
            "select delivery_id, position from log.events where data ? 'received_at' order by 2"
        )
    ]


async def test_neighbours_stay_as_they_are(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await got_by_an_older_release(desk, monkeypatch, two(), delivery())

    await desk.reprocess(2)

    (untouched,) = (await desk.ask("deliveries/1/"))["items"]
    assert [] == untouched["resolved_by"]


async def test_what_other_items_brought_meanwhile_is_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await got_by_an_older_release(desk, monkeypatch, two())
    await desk.got(two() + b" ")

    answer = await desk.reprocess(1)

    (item,) = answer["items"]
    (resolution,) = item["resolved_by"]
    assert ("ItemResolved", "duplicate") == (resolution["event_type"], resolution["outcome"])
    assert "of 2, 3" == resolution["reason"]


async def test_the_message_that_came_of_it_has_the_bytes_of_its_delivery(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = two()
    await got_by_an_older_release(desk, monkeypatch, body)
    await desk.reprocess(1)
    desk.project()

    answer = await desk.get("messages/wamid.b/raw/")

    assert (200, body) == (answer.status_code, answer.content)
    assert "/entry/0/changes/0/value/messages/1" == answer.headers["X-Item-Pointer"]


@pytest.mark.parametrize("id_", ["1", "x", "9" * 19])
async def test_a_delivery_that_is_not_there_is_not_found(desk: Desk, id_: str) -> None:
    answer = await desk.client.post(f"/api/whatsapp/deliveries/{id_}/reprocess/")

    assert (404, "not-found") == (answer.status_code, answer.json()["code"])


async def test_it_takes_the_scope_of_repairs(store: Store) -> None:
    async with desk_at(store, ["events:read"]) as desk:
        answer = await desk.client.post("/api/whatsapp/deliveries/1/reprocess")

        assert (403, "projections:admin") == (answer.status_code, answer.json()["scope"])
