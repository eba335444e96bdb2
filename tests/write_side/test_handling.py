"""Who handles a conversation and how far they are: assign, state, labels, mark-unread."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from events.database import connect, reading_pool, writing_pool
from read_api.desk_finding import find_conversation
from read_api.reading import Reading
from tests.projections.log import message, status
from tests.write_side.desk import PHONE, Desk
from write_side.cause import Cause
from write_side.desk.changing import Changing
from write_side.desk.handling import Assign, HandlingCommands
from write_side.errors import ConversationNotFound, InvalidCommand


@pytest.fixture
async def ana(desk: Desk) -> Desk:
    """Conversation 1 is Ana's, and luis works here."""
    await desk.got(message("m", 1, phone=PHONE))
    return desk


async def asked(desk: Desk, what: str, **wish: object) -> dict[str, Any]:
    answer = await desk.asks(f"conversations/1/{what}/", **wish)
    assert 200 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def shown(desk: Desk, *keys: str) -> tuple[Any, ...]:
    found = await desk.sees("conversations/1/")
    return tuple(found[key] for key in keys)


@pytest.mark.parametrize("name", ["nobody", "me"])
async def test_who_is_no_user_can_not_be_an_assignee(ana: Desk, name: str) -> None:
    answer = await ana.asks("conversations/1/assign/", assignee=name)

    assert (422, "/assignee") == (answer.status_code, answer.json()["errors"][0]["pointer"])
    assert [] == ana.said()


async def test_a_conversation_is_somebodys_until_it_is_nobodys(ana: Desk) -> None:
    with connect(ana.store.url, "wharf_owner") as conn:
        conn.execute("insert into ops.users (name, role) values ('luis', 'agent')")

    assert "luis" == (await asked(ana, "assign", assignee="luis"))["assignee"]
    await asked(ana, "assign", assignee="luis")
    assert ("luis",) == await shown(ana, "assignee")
    await asked(ana, "assign", assignee=None)
    assert (None,) == await shown(ana, "assignee")
    assert ["ConversationAssigned"] * 2 == ana.said()


@pytest.fixture
async def handling(ana: Desk) -> AsyncIterator[HandlingCommands]:
    writers, readers = (
        writing_pool(ana.store.url, size_max=1),
        reading_pool(ana.store.url, size_max=1),
    )
    async with writers, readers:
        find = partial(find_conversation, Reading(readers, b""))
        yield HandlingCommands(Changing(writers, find, ConversationNotFound()))


async def test_me_is_the_user_who_asks(ana: Desk, handling: HandlingCommands) -> None:
    with connect(ana.store.url, "wharf_owner") as conn:
        conn.execute("insert into ops.users (name, role) values ('luis', 'agent')")

    answer = await handling.assign(1, Assign(assignee="me"), Cause("user:luis"))

    assert "luis" == answer["assignee"]
    with pytest.raises(InvalidCommand):
        await handling.assign(1, Assign(assignee="me"), Cause("key:abc"))


async def test_done_until_somebody_writes_and_done_again(ana: Desk) -> None:
    await asked(ana, "state", state="done")
    await asked(ana, "state", state="done")
    assert ("done",) == await shown(ana, "state")

    await ana.got(message("again", 2, phone=PHONE))
    assert ("open",) == await shown(ana, "state")

    await asked(ana, "state", state="done")
    assert ("done",) == await shown(ana, "state")
    assert ["ConversationStateChanged"] * 2 == ana.said()


async def test_put_off_until_a_time(ana: Desk) -> None:
    until = (datetime.now(UTC) + timedelta(hours=2)).replace(microsecond=0)
    answer = await asked(ana, "state", state="snoozed", until=until.isoformat())

    expected = until.isoformat().replace("+00:00", ".000Z")
    assert ("snoozed", expected) == (answer["state"], answer["snoozed_until"])
    assert ("snoozed", expected.replace(".000", "")) == await shown(ana, "state", "snoozed_until")
    assert [] == (await ana.sees("conversations/?state=open"))["conversations"]
    await asked(ana, "state", state="open")
    assert ("open", None) == await shown(ana, "state", "snoozed_until")


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"state": "closed"},
        {"state": "done", "until": "2100-01-01T00:00:00Z"},
        {"state": "snoozed", "until": "2020-01-01T00:00:00Z"},
        {"state": "snoozed", "until": "2100-01-01T00:00:00"},
    ],
    ids=str,
)
async def test_a_state_that_can_not_be_is_refused(ana: Desk, wish: dict[str, Any]) -> None:
    answer = await ana.asks("conversations/1/state/", **wish)

    assert (422, []) == (answer.status_code, ana.said())


async def test_labels_are_put_on_and_taken_off(ana: Desk) -> None:
    assert ["new", "vip"] == (await asked(ana, "labels", add=["vip", "new"]))["labels"]
    assert ["vip"] == (await asked(ana, "labels", add=["vip"], remove=["new", "old"]))["labels"]
    assert (["vip"],) == await shown(ana, "labels")
    assert [1] == [c["id"] for c in (await ana.sees("conversations/?label=vip"))["conversations"]]

    query = "select data -> 'added', data -> 'removed' from log.events where type = 'LabelsChanged'"
    assert [(["new", "vip"], []), ([], ["new"])] == ana.store.rows(query + " order by position")


@pytest.mark.parametrize(
    "wish",
    [
        {"add": [""]},
        {"add": ["\tvip"]},
        {"add": [" "]},
        {"add": ["x" * 51]},
        {"add": ["a\nb"]},
        {"add": "vip"},
        {"add": ["vip"], "remove": ["vip"]},
        {"add": [f"l{n}" for n in range(51)]},
    ],
    ids=str,
)
async def test_what_is_no_label_is_refused(ana: Desk, wish: dict[str, Any]) -> None:
    answer = await ana.asks("conversations/1/labels/", **wish)

    assert (422, []) == (answer.status_code, ana.said())


async def test_spaces_around_a_label_are_none_of_it(ana: Desk) -> None:
    assert ["late payer", "vip"] == (await asked(ana, "labels", add=[" vip ", "late payer "]))[
        "labels"
    ]
    assert ["vip"] == (await asked(ana, "labels", add=["vip"], remove=["  late payer"]))["labels"]


async def test_labels_have_an_end(ana: Desk) -> None:
    await asked(ana, "labels", add=[f"l{n}" for n in range(50)])

    answer = await ana.asks("conversations/1/labels/", add=["one more"])

    assert (422, "/add") == (answer.status_code, answer.json()["errors"][0]["pointer"])


async def test_marked_unread_until_it_is_read(ana: Desk) -> None:
    """Complaint 14: unread is what nobody has read, and what somebody wants to be so."""
    await ana.marks(conversation_id=1)
    await asked(ana, "mark-unread")
    await asked(ana, "mark-unread")
    assert (0, True) == await shown(ana, "unread_count", "marked_unread")
    assert 1 == (await ana.sees("conversations/?unread=true"))["count"]

    marked = await ana.marks(conversation_id=1)
    assert (0, 0) == (marked["marked"], marked["unread_count"])
    assert (0, False) == await shown(ana, "unread_count", "marked_unread")
    assert ["ConversationRead", "ConversationMarkedUnread", "ConversationRead"] == ana.said()


async def test_what_has_unread_messages_needs_no_mark(ana: Desk) -> None:
    answer = await asked(ana, "mark-unread")

    assert (True, 1) == (answer["unread"], answer["unread_count"])
    assert [] == ana.said()


async def test_commands_take_an_old_id_and_tell_the_one_that_counts(desk: Desk) -> None:
    await desk.got(message("a", 1, phone=PHONE), message("b", 2, user="BR.a"))
    await desk.got(status("out", "sent", 3, phone=PHONE, user="BR.a"))

    answer = await desk.asks("conversations/2/labels/", add=["vip"])

    assert (1, ["vip"]) == (answer.json()["conversation_id"], answer.json()["labels"])
