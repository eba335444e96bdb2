"""GET messages/?q=: what is found, by the index and without it, near and far."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from psycopg import Connection

from read_api import message_list
from tests.read_api import rows
from tests.read_api.rows import ANA, NUMBER, at

Inbox = Connection[Any]
INDEX = "select indexdef from pg_indexes where indexname = 'texts_by_trigram'"


@pytest.fixture(params=["near", "by index", "without an index"])
def said(request: pytest.FixtureRequest, inbox: Inbox) -> Iterator[Inbox]:
    """Messages of two conversations; all ways to find them have to find the same."""
    definition = inbox.execute(INDEX).fetchone()
    assert definition is not None
    rows.conversation(inbox, 1)
    rows.conversation(inbox, 5, phone_number="4915112345678", contact_name="Żaneta")
    rows.message(inbox, 1, text_body="Olá, está aí?")
    rows.message(inbox, 2, text_body="the ROOF leaks")
    rows.message(inbox, 3, text_body=None, caption="the roof", message_type="image", media={
        "media_id": "7", "filename": "Roof-Plan.pdf"
    })  # fmt: skip
    rows.message(inbox, 4, text_body="call +55 11 91111-2222", direction="out", customer_name=None)
    more = {"conversation_id": 5, "customer_wa_id": "4915112345678", "customer_name": "Żaneta"}
    rows.message(inbox, 5, text_body="a roof, two roofs: 100%", **more)
    rows.message(inbox, 6, text_body="nothing", received_at=at(1), **more)
    rows.find(inbox)
    if request.param != "near":
        monkeypatch = request.getfixturevalue("monkeypatch")
        monkeypatch.setattr(message_list, "WALK_TEXTS", 1)
    if request.param == "without an index":
        inbox.execute("drop index texts_by_trigram")
    yield inbox
    if request.param == "without an index":
        inbox.execute(definition[0])


async def found(client: httpx.AsyncClient, **query: Any) -> list[int]:
    answer = await client.get("messages/", params=query)
    assert answer.status_code == 200, answer.text
    return [message["id"] for message in answer.json()["messages"]]


CASES: list[tuple[dict[str, Any], list[int]]] = [
    ({"q": "roof"}, [5, 3, 2]),
    ({"q": "RÒOF"}, [5, 3, 2]),
    ({"q": "roof the"}, [3, 2]),
    ({"q": '"roof the"'}, []),
    ({"q": '"a roof, two"'}, [5]),
    ({"q": "the roof", "q_mode": "substring"}, [3, 2]),
    ({"q": "roof the", "q_mode": "substring"}, []),
    ({"q": "ola esta ai"}, [1]),
    ({"q": "plan.pdf"}, [3]),
    ({"q": "zaneta"}, [5, 6]),
    ({"q": "100%"}, [5]),
    ({"q": "1%0"}, []),
    ({"q": "_"}, []),
    ({"q": "11 91111 2222"}, [4]),
    ({"q": "+55119111"}, [4]),
    ({"q": "91111-2222"}, [4]),
    ({"q": "4915112345678"}, [5, 6]),
    ({"q": "roof", "limit": 2}, [5, 3]),
    ({"q": "roof", "sort": "timestamp"}, [2, 3, 5]),
    ({"q": "roof", "sort": "type"}, [3, 2, 5]),
    ({"q": "roof", "sort": "-received_at"}, [5, 3, 2]),
    ({"q": "roof", "type": "image"}, [3]),
    ({"q": "roof", "direction": "out"}, []),
    ({"q": "roof", "conversation": 1}, [3, 2]),
    ({"q": "roof", "customer": 5}, [5]),
    ({"q": "roof", "phone": ANA, "sort": "timestamp"}, [2, 3]),
    ({"q": "roof", "phone": ANA, "sort": "-type"}, [2, 3]),
    ({"q": "roof", "from": "2026-11-16T10:00:03Z"}, [5, 3]),
    ({"q": "roof", "to": "2026-11-16T10:00:03Z", "phone_number_id": NUMBER}, [2]),
    ({"q": "nothing", "sort": "-timestamp"}, [6]),
    ({"q": "never said"}, []),
    ({"q": "of"}, [5, 3, 2]),
]


@pytest.mark.slow
@pytest.mark.usefixtures("said")
async def test_a_search_finds_whatever_way_it_goes(client: httpx.AsyncClient) -> None:
    assert CASES == [(query, await found(client, **query)) for query, _ in CASES]


@pytest.mark.slow
@pytest.mark.usefixtures("said")
@pytest.mark.parametrize("more", [{}, {"conversation": 1}, {"sort": "from_name"}])
async def test_pages_and_totals_of_a_search(
    client: httpx.AsyncClient, more: dict[str, Any]
) -> None:
    query: dict[str, Any] = {"q": "ana", "limit": 2, "total": "capped", **more}
    whole = await found(client, **{**query, "limit": 50})
    first = (await client.get("messages/", params=query)).json()
    place = {"cursor": first["next_cursor"]}
    second = (await client.get("messages/", params={**query, **place})).json()
    place = {"cursor": second["prev_cursor"]}
    back = (await client.get("messages/", params={**query, **place})).json()

    assert [whole[:2], whole[2:], whole[:2]] == [
        [message["id"] for message in page["messages"]] for page in (first, second, back)
    ]
    assert [(3, False)] * 2 == [(p["total"], p["total_is_capped"]) for p in (first, second)]
    assert second["next_cursor"] is None


@pytest.mark.usefixtures("said")
@pytest.mark.parametrize("scopes", [["messages:read"]])
async def test_who_may_not_know_numbers_does_not_find_by_them(client: httpx.AsyncClient) -> None:
    """One more digit each time would tell them all."""
    assert [] == await found(client, q="4915112345678")
    assert [] == await found(client, q="49151", conversation=5)
    assert [6, 5] == sorted(await found(client, q="zaneta"), reverse=True)


@pytest.mark.usefixtures("said")
async def test_a_cursor_of_other_words_is_refused(client: httpx.AsyncClient) -> None:
    page = (await client.get("messages/", params={"q": "roof", "limit": 1})).json()

    answer = await client.get("messages/", params={"q": "the", "cursor": page["next_cursor"]})

    assert "cursor-mismatch" == answer.json()["code"]


async def test_a_search_waits_for_its_own_view_too(client: httpx.AsyncClient, inbox: Inbox) -> None:
    rows.reach(inbox, 5)
    query: dict[str, Any] = {"q": "x", "min_position": 5}

    behind = await client.get("messages/", params=query, headers={"Prefer": "wait=0"})
    stale = await client.get("messages/", params={**query, "stale": "allow"})
    inbox.execute("update read.versions set position = 5")
    there = await client.get("messages/", params=query)

    assert [503, 200, 200] == [answer.status_code for answer in (behind, stale, there)]
