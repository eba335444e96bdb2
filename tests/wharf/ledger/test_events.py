"""The log over HTTP: its newest events, those of a type or a stream, and one with its kin."""

from unittest.mock import patch

import pytest

from events import listing
from tests.wharf.ledger.desk import Desk, desk_at
from tests.write_side.posting import Store, delivery, with_items


async def some(desk: Desk) -> None:
    """Five messages of two people; the third delivery is not understood and quarantined."""
    await desk.got(delivery(phone="551"), delivery(phone="552"))
    await desk.got(with_items("what is this?"))
    await desk.got(delivery(phone="551"), delivery(phone="552"))


async def test_the_newest_come_first_and_lead_on_to_older_ones(desk: Desk) -> None:
    await some(desk)
    first = await desk.ask("events/", limit=3)
    second = await desk.ask("events/", limit=3, before=first["next_before"])

    assert [5, 4, 3] == [each["position"] for each in first["events"]]
    assert [2, 1] == [each["position"] for each in second["events"]]
    assert (3, None, 5) == (first["next_before"], second["next_before"], first["position"])
    assert "hola" == first["events"][0]["data"]["text"]
    assert ("customer", 4) == (
        first["events"][0]["actor"]["kind"],
        first["events"][1]["delivery_id"],
    )


@pytest.mark.parametrize("stretch", [1, 2, 50_000])
async def test_a_rare_type_is_looked_for_through_the_log(desk: Desk, stretch: int) -> None:
    await some(desk)
    with patch.object(listing, "STRETCH", stretch):
        found = await desk.ask("events/", type="ItemQuarantined")
        nothing = await desk.ask("events/", type="NoteAdded")

    assert [3] == [each["position"] for each in found["events"]]
    assert ([], None) == (nothing["events"], nothing["next_before"])


async def test_a_type_that_there_is_not_is_refused_and_the_others_named(desk: Desk) -> None:
    answer = await desk.client.get("/api/whatsapp/events/", params={"type": "Foo"})

    (fault,) = answer.json()["errors"]
    assert (400, "type") == (answer.status_code, fault["parameter"])
    assert "MessageReceived" in fault["message"]


async def test_who_looks_for_too_long_is_told_where_to_go_on(desk: Desk) -> None:
    await some(desk)
    with patch.object(listing, "STRETCH", 2), patch.object(listing, "LOOKING_S_MAX", 0):
        first = await desk.ask("events/", type="ItemQuarantined")
        second = await desk.ask("events/", type="ItemQuarantined", before=first["next_before"])

    assert ([], 4) == (first["events"], first["next_before"])
    assert [3] == [each["position"] for each in second["events"]]


async def test_a_stream_is_listed_alone_and_hidden_from_who_may_not_know(
    desk: Desk, store: Store
) -> None:
    await some(desk)
    stream = (await desk.ask("events/1/"))["stream"]
    found = await desk.ask("events/", stream=stream, type="MessageReceived")
    async with desk_at(store, ["events:read"]) as masked:
        asked = await masked.get("events/", stream=stream)
        event = await masked.ask("events/1/")

    assert [4, 1] == [each["position"] for each in found["events"]]
    assert (400, None, None) == (asked.status_code, event["stream"], event["data"])


async def test_an_event_has_its_cause_and_what_it_has_caused(desk: Desk) -> None:
    await some(desk)
    desk.project()
    noted = await desk.client.post("/api/whatsapp/conversations/1/notes/", json={"body": "hm"})
    position = noted.json()["position"]
    event = await desk.ask(f"events/{position}/")
    first = await desk.ask("events/1/")

    assert "NoteAdded" == event["type"]
    assert "key" == event["actor"]["kind"]
    assert event["delivery_id"] is None
    assert (None, []) == (first["cause"], first["caused"])
    assert "/entry/0/changes/0/value/messages/0" == first["pointer"]


@pytest.mark.parametrize("path", ["events/0/", "events/99/", "events/x/", f"events/{9**30}/"])
async def test_there_is_no_such_event(desk: Desk, path: str) -> None:
    assert 404 == (await desk.get(path)).status_code


@pytest.mark.parametrize(("name", "value"), [("type", "x y"), ("before", "-1"), ("cursor", "x")])
async def test_what_is_not_understood_is_refused(desk: Desk, name: str, value: str) -> None:
    assert 400 == (await desk.get("events/", **{name: value})).status_code
