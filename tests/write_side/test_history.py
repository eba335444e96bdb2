"""GET conversations/{id}/events/: what happened in a conversation, and nothing of anybody else."""

from typing import Any

import pytest

from events.database import connect
from tests.projections.log import message, moved_to, status
from tests.write_side.desk import PHONE, Desk
from wharf.keys import create_key

EVENTS = "conversations/1/events/"


@pytest.fixture
async def ana(desk: Desk) -> Desk:
    """Ana's conversation 1 with an answer and a note; her phone was somebody else's before."""
    await desk.got(
        message("m", 10, phone=PHONE, user="BR.a", name="Ana"),
        message("before", 1, user="BR.b", phone=PHONE),
        status("out", "sent", 11, phone=PHONE),
        message("other", 2, phone="551"),
    )
    await desk.sends("POST", "conversations/1/notes/", {"body": "calls"})
    await desk.marks(conversation_id=1)
    return desk


def types(answer: dict[str, Any]) -> list[str]:
    return [event["type"] for event in answer["events"]]


async def test_it_tells_everything_in_order_of_record_and_who_did_it(ana: Desk) -> None:
    found = await ana.sees(EVENTS)

    assert ["ConversationRead", "NoteAdded", "StatusChanged", "MessageReceived"] == types(found)
    read, note, tick, received = found["events"]
    assert ["key", "key", "whatsapp", "customer"] == [
        event["actor"]["kind"] for event in (read, note, tick, received)
    ]
    assert ("agent", "Ana") == (note["actor"]["name"], received["actor"]["name"])
    assert {"conversation_id": 1, "body": "calls"} == note["data"]
    assert (1, 1, "m") == (
        received["position"],
        received["delivery_id"],
        received["data"]["message_id"],
    )
    assert "raw" not in received["data"]


async def test_one_may_want_some_fields_of_each_event_alone(ana: Desk) -> None:
    found = await ana.sees(f"{EVENTS}?fields=type,position&limit=1")

    assert [{"type": "ConversationRead", "position": found["events"][0]["position"]}] == (
        found["events"]
    )
    assert found["next_cursor"] is not None


async def test_what_a_phone_brought_to_somebody_else_is_theirs(ana: Desk) -> None:
    assert ["MessageReceived"] == types(await ana.sees("conversations/2/events/"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("order=asc&limit=2", ["MessageReceived", "StatusChanged"]),
        ("types=NoteAdded,ConversationRead", ["ConversationRead", "NoteAdded"]),
        ("types=NoteEdited", []),
    ],
)
async def test_it_can_be_narrowed_and_turned_round(
    ana: Desk, query: str, expected: list[str]
) -> None:
    assert expected == types(await ana.sees(f"{EVENTS}?{query}"))


async def test_its_pages_go_both_ways(ana: Desk) -> None:
    whole = types(await ana.sees(EVENTS))
    first = await ana.sees(f"{EVENTS}?limit=1")
    second = await ana.sees(f"{EVENTS}?limit=2&cursor={first['next_cursor']}")
    back = await ana.sees(f"{EVENTS}?limit=1&cursor={second['prev_cursor']}")

    assert [whole[:1], whole[1:3], whole[:1]] == [types(page) for page in (first, second, back)]


async def test_it_goes_on_through_another_number(ana: Desk) -> None:
    await ana.got(moved_to("sys", 20, user="BR.a", new_user="BR.c"), message("n", 21, user="BR.c"))

    found = types(await ana.sees(f"{EVENTS}?order=asc"))

    assert ["ContactIdentityChanged", "MessageReceived"] == found[-2:]


async def test_without_pii_it_does_not_say_what_was_said(ana: Desk) -> None:
    with connect(ana.store.url, "wharf_owner") as conn:
        key = create_key(conn, "blind", ["conversations:read"])

    found = await ana.sees(EVENTS, X_Api_Key=key.token)

    assert {None} == {event["data"] for event in found["events"]}


@pytest.mark.parametrize(("path", "code"), [(f"{EVENTS}?types=,", 400), (f"{EVENTS}?order=up", 400),
                                            ("conversations/99/events/", 404)])  # fmt: skip
async def test_what_makes_no_sense_is_refused(ana: Desk, path: str, code: int) -> None:
    assert code == (await ana.sends("GET", path)).status_code


async def test_a_type_that_there_is_not_is_named(ana: Desk) -> None:
    """Else the answer would look as if nothing had happened."""
    answer = await ana.sends("GET", f"{EVENTS}?types=NoteAdded,NoteAded")
    (fault,) = answer.json()["errors"]

    assert (400, "types") == (answer.status_code, fault["parameter"])
    assert fault["message"].startswith("'NoteAded' is none of AccountUpdated, ")
