"""Finding the conversation that a command means."""

from typing import Any

import pytest
from psycopg import Connection

from read_api.errors import InvalidParameter, ProjectionBehind
from read_api.finding import Found, FoundConversation, find_conversations
from read_api.reading import Reading
from tests.read_api import rows
from tests.read_api.rows import ANA, NUMBER

Inbox = Connection[Any]
WITHOUT_9 = "551187654321"


async def by_phone(reading: Reading, phone: str) -> Found:
    return await find_conversations(reading, conversation_id=None, phone=phone, min_position=0)


async def by_id(reading: Reading, id_: int, min_position: int = 0) -> Found:
    return await find_conversations(
        reading, conversation_id=id_, phone=None, min_position=min_position
    )


async def test_a_conversation_comes_with_the_streams_that_make_it_up(
    reading: Reading, inbox: Inbox
) -> None:
    rows.conversation(inbox, 1)
    for identity in ("u:BR.8f", f"p:{ANA}#1763287200"):
        rows.insert(inbox, "identities", {"identity": f"{NUMBER}/{identity}", "conversation_id": 1})
    rows.message(inbox, 1, filed_by=f"0{NUMBER}/p:4915112345678")
    rows.message(inbox, 2, filed_by=f"0{NUMBER}/p:read", read=True)
    rows.message(inbox, 3, filed_by=f"1{NUMBER}/p:ours", direction="out")
    rows.reach(inbox, 3)

    streams = [f"{NUMBER}/p:4915112345678", f"{NUMBER}/p:{ANA}", f"{NUMBER}/u:BR.8f"]
    expected = Found([FoundConversation(1, NUMBER, ANA, streams, False, streams, [])], [], 3)

    assert expected == await by_id(reading, 1)
    assert expected == await by_phone(reading, f"+{ANA}")


async def test_an_old_id_leads_to_the_conversation_of_its_message(
    reading: Reading, inbox: Inbox
) -> None:
    rows.conversation(inbox, 1)
    rows.message(inbox, 1)
    rows.message(inbox, 5)

    assert [1] == [found.id for found in (await by_id(reading, 5)).conversations]


async def test_what_nobody_has_is_not_found(reading: Reading, inbox: Inbox) -> None:
    rows.conversation(inbox, 1)

    assert Found([], [], 0) == await by_id(reading, 9)
    assert Found([], [], 0) == await by_phone(reading, "4915112345678")


async def test_the_same_number_on_two_business_numbers_is_both(
    reading: Reading, inbox: Inbox
) -> None:
    rows.conversation(inbox, 1)
    rows.conversation(inbox, 2, phone_number_id="777")
    rows.conversation(inbox, 3, phone_number=WITHOUT_9)

    found = await by_phone(reading, ANA)

    assert [1, 2] == [one.id for one in found.conversations]
    assert [] == found.candidates


async def test_only_variants_of_the_number_are_candidates(reading: Reading, inbox: Inbox) -> None:
    rows.conversation(inbox, 3, phone_number=WITHOUT_9)

    assert Found([], [WITHOUT_9], 0) == await by_phone(reading, ANA)


async def test_a_command_waits_for_what_it_has_just_seen(reading: Reading, inbox: Inbox) -> None:
    rows.conversation(inbox, 1)
    rows.message(inbox, 1)
    rows.reach(inbox, 5)

    assert 1 == len((await by_id(reading, 1, min_position=5)).conversations)


async def test_a_view_that_does_not_come_so_far_is_behind(
    reading: Reading, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("read_api.finding.WAIT_S", 0.05)

    with pytest.raises(ProjectionBehind) as behind:
        await by_id(reading, 1, min_position=6)

    assert (6, 0) == (behind.value.required, behind.value.current)


async def test_what_is_no_phone_is_refused(reading: Reading) -> None:
    with pytest.raises(InvalidParameter, match="phone_number"):
        await by_phone(reading, "Ana")
