"""What our people did: counted by who did it, in the conversations that the inbox has now."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from projections.inbox.view import INBOX
from projections.stats.view import STATS
from projections.verify import verify
from tests.projections.counting import Projected
from tests.projections.log import NUMBER, Row, message, post, say
from tests.projections.merging import merge
from tests.read_api.test_stats import client_of

KEY = "key:k1"


@pytest.fixture
def stats(database: str) -> Iterator[Projected]:
    with Projected(database) as projected:
        post(database, *(message(f"in{n}", n, phone=f"55{n}") for n in (1, 2, 3)))
        yield projected


def agents(stats: Projected, **parameters: str) -> dict[str, Row]:
    """Today's, by id."""
    for view in (INBOX, STATS):
        stats.catch_up(view=view)

    async def ask() -> httpx.Response:
        async with client_of(stats.url) as client:
            return await client.get("/api/whatsapp/stats/agents/", params=parameters)

    found = asyncio.run(ask())
    assert 200 == found.status_code, found.text
    answer = found.json()
    assert len(answer["agents"]) == answer["count"]
    for each in answer["agents"]:
        assert len(each["conversation_ids"]) == each["conversations"]
    return {each["agent"]["id"]: each for each in answer["agents"]}


def test_acts_are_their_agent_s(stats: Projected) -> None:
    say(stats.url, "NoteAdded", 1, body="hola")
    say(stats.url, "NoteAdded", 1, body="again")
    say(stats.url, "ConversationStateChanged", 2, stream="p:552", state="done")
    say(stats.url, "ConversationStateChanged", 2, stream="p:552", state="open", actor=KEY)
    say(stats.url, "ConversationAssigned", 3, stream="p:553", actor="user:ana", assignee="luis")
    say(stats.url, "ConversationRead", 3, stream="p:553", up_to=3)
    found = agents(stats)

    assert {"luis", "k1", "ana"} == found.keys()
    assert {"kind": "key", "id": "k1", "name": None} == found["k1"]["agent"]
    luis = found["luis"]
    assert [2, 1] == luis["conversation_ids"]
    assert (2, 1, 1, 3) == tuple(luis[name] for name in ("notes", "done", "assigned", "acts"))
    assert (1, 0, 1) == tuple(found["ana"][name] for name in ("conversations", "assigned", "acts"))
    assert [] == verify(stats.url, STATS).differences


def test_two_that_were_merged_are_one_conversation(stats: Projected) -> None:
    say(stats.url, "NoteAdded", 1, body="hola")
    say(stats.url, "NoteAdded", 2, stream="p:552", body="hola")
    assert 2 == agents(stats)["luis"]["conversations"]

    merge(stats.url, "p:551", 1, "p:552", 2)
    luis = agents(stats)["luis"]
    assert ([1], 2) == (luis["conversation_ids"], luis["notes"])


def test_other_days_and_numbers_have_none_of_it(stats: Projected) -> None:
    say(stats.url, "NoteAdded", 1, body="hola")

    assert {} == agents(stats, to="2026-01-01")
    assert {} == agents(stats, phone_number_id="other")
    assert {"luis"} == agents(stats, phone_number_id=NUMBER).keys()
