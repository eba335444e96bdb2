"""Who says up to where they have seen a conversation is told when there is more (complaint 16)."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from events.database import reading_pool, writing_pool
from read_api.desk_finding import find_conversation
from read_api.reading import Reading
from tests.projections.log import Row, echo, message, status
from tests.write_side.desk import PHONE, Desk
from write_side.cause import Cause
from write_side.desk.changing import Changing
from write_side.desk.handling import ChangeLabels, HandlingCommands
from write_side.errors import ConversationMoved, ConversationNotFound

LABELS = "conversations/1/labels/"


@pytest.fixture
async def ana(desk: Desk) -> Desk:
    """Conversation 1 is Ana's."""
    await desk.got(message("m", 10, phone=PHONE, user="BR.a"))
    return desk


async def tag(desk: Desk) -> str:
    return str((await desk.sends("GET", "conversations/1/")).headers["ETag"])


async def labelled(desk: Desk, **headers: str) -> tuple[int, Any]:
    answer = await desk.sends("POST", LABELS, {"add": ["vip"]}, **headers)
    return answer.status_code, answer.json().get("missed")


async def test_who_has_seen_everything_may(ana: Desk) -> None:
    assert (200, None) == await labelled(ana, If_Match=await tag(ana))


@pytest.mark.parametrize(
    ("value", "missed"),
    [
        (message("n", 11, phone=PHONE), {"kind": "message", "direction": "in"}),
        (message("late", 1, user="BR.a"), {"kind": "message", "direction": "in"}),
        (echo("out", 12, phone=PHONE), {"kind": "message", "direction": "out"}),
        (status("o", "sent", 12, phone=PHONE), {"kind": "message", "direction": "out"}),
    ],
    ids=["message", "late", "echo", "status"],
)
async def test_who_has_not_seen_a_message_may_not(ana: Desk, value: Row, missed: Row) -> None:
    seen = await tag(ana)
    await ana.got(value)

    assert (409, [{"position": 2, **missed}]) == await labelled(ana, If_Match=seen)
    assert [] == ana.said()
    assert (200, None) == await labelled(ana, If_Match=await tag(ana))


async def test_what_others_did_counts_too(ana: Desk) -> None:
    seen = await tag(ana)
    await ana.sends("POST", "conversations/1/notes/", {"body": "mine"})
    await ana.sends("PUT", "conversations/1/email/", {"email": "a@b.cd"})

    code, missed = await labelled(ana, If_Match=seen)

    assert (409, ["email", "note"]) == (code, [each["kind"] for each in missed])


async def test_ticks_and_reads_are_no_news(ana: Desk) -> None:
    await ana.got(status("o", "sent", 12, phone=PHONE))
    seen = await tag(ana)
    await ana.got(status("o", "delivered", 13, phone=PHONE))
    await ana.marks(conversation_id=1)

    assert (200, None) == await labelled(ana, If_Match=seen)


async def test_the_position_can_stand_in_the_body(ana: Desk) -> None:
    await ana.got(message("n", 11, phone=PHONE))
    stale = await ana.sends("POST", LABELS, {"add": ["vip"], "last_seen_position": 1})
    fresh = await ana.sends("POST", LABELS, {"add": ["vip"], "last_seen_position": 2})

    assert (409, "conversation-moved", 200) == (
        stale.status_code,
        stale.json()["code"],
        fresh.status_code,
    )


async def test_a_note_is_deleted_only_by_who_has_seen_it(ana: Desk) -> None:
    seen = await tag(ana)
    note = (await ana.sends("POST", "conversations/1/notes/", {"body": "x"})).json()["id"]
    refused = await ana.sends("DELETE", f"notes/{note}/", If_Match=seen)
    done = await ana.sends("DELETE", f"notes/{note}/", If_Match=await tag(ana))

    assert (409, 200) == (refused.status_code, done.status_code)


@pytest.mark.parametrize("header", ["", "x", '"5"', 'W/"inbox-1"', 'W/"inbox-1-2-ab", x'])
async def test_what_is_no_etag_of_ours_is_refused(ana: Desk, header: str) -> None:
    answer = await ana.sends("POST", LABELS, {"add": ["vip"]}, If_Match=header)

    assert (400, "If-Match") == (answer.status_code, answer.json()["errors"][0]["parameter"])


@pytest.mark.parametrize("header", ["*", 'W/"inbox-1-0-ab", W/"inbox-7-1-cd"', '"inbox-1-1"'])
async def test_any_or_one_of_several_will_do(ana: Desk, header: str) -> None:
    assert (200, None) == await labelled(ana, If_Match=header)


async def interrupted(desk: Desk, interruptions: Iterator[Row], seen: int | None) -> Any:
    """Label Ana's conversation while something comes after each look."""
    writers = writing_pool(desk.store.url, size_max=1)
    readers = reading_pool(desk.store.url, size_max=1)
    async with writers, readers:
        look = partial(find_conversation, Reading(readers, b""))

        async def find(id_: int, **asked: Any) -> Any:
            found = await look(id_, **asked)
            if (value := next(interruptions, None)) is not None:
                await desk.got(value)
            return found

        commands = HandlingCommands(Changing(writers, find, ConversationNotFound()))
        return await commands.label(1, ChangeLabels(add=["vip"]), Cause("key:a", seen=seen))


async def test_a_message_between_the_look_and_the_append_is_noticed(ana: Desk) -> None:
    """Also one from a phone that the conversation has only in its links."""
    with pytest.raises(ConversationMoved):
        await interrupted(ana, iter([message("between", 11, phone=PHONE)]), seen=1)
    assert [] == ana.said()


async def test_a_tick_between_the_look_and_the_append_is_not(ana: Desk) -> None:
    await ana.got(status("o", "sent", 12, phone=PHONE))

    answer = await interrupted(ana, iter([status("o", "read", 13, phone=PHONE)]), seen=2)

    assert ["vip"] == answer["labels"]


async def test_who_says_nothing_is_held_up_by_nobody(ana: Desk) -> None:
    news = (message(f"m{n}", 20 + n, phone=PHONE) for n in range(9))

    assert ["vip"] == (await interrupted(ana, news, seen=None))["labels"]
