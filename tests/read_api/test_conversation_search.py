"""GET conversations/?q=: by what was said in them and by what they are called, near and far."""

from typing import Any

import httpx
import pytest
from psycopg import Connection

from read_api import conversation_search
from tests.read_api import rows
from tests.read_api.rows import ANA, at

Inbox = Connection[Any]
OTHER = "4915112345678"


@pytest.fixture(params=["near", "looked up", "one by one"])
def four(request: pytest.FixtureRequest, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> Inbox:
    """Four conversations; all ways to find them have to find the same."""
    rows.conversation(inbox, 1, last_message_at=at(5))
    rows.conversation(
        inbox, 2, phone_number=OTHER, contact_name="Bo", display_name="Señor B",
        external_id="crm-7", customer_email="bo@example.org", last_message_at=at(2),
    )  # fmt: skip
    rows.conversation(inbox, 3, phone_number="4930111", contact_name="Cy", username="cy.b")
    rows.conversation(inbox, 4, phone_number="4930222", contact_name="Di", unread_count=0)
    rows.message(inbox, 1, text_body="the roof leaks")
    rows.message(inbox, 5, text_body="still")
    more = {"customer_wa_id": OTHER, "customer_name": "Bo"}
    rows.message(inbox, 2, conversation_id=2, text_body="no roof", **more)
    rows.message(inbox, 3, conversation_id=3, customer_wa_id="4930111", customer_username="cy.b")
    rows.message(inbox, 4, conversation_id=4, text_body="ROOF", customer_name="Di")
    rows.find(inbox)
    if request.param != "near":
        monkeypatch.setattr(conversation_search, "WALK_CONVERSATIONS", 0)
    if request.param == "one by one":
        monkeypatch.setattr(conversation_search, "MESSAGES_MAX", 1)
    return inbox


async def found(client: httpx.AsyncClient, **query: Any) -> list[int]:
    answer = await client.get("conversations/", params=query)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["conversations"]]


CASES: list[tuple[dict[str, Any], list[int]]] = [
    ({"q": "roof"}, [1, 4, 2]),
    ({"q": "roof", "sort": "last_message_at"}, [2, 4, 1]),
    ({"q": "roof leaks"}, [1]),
    ({"q": "still roof"}, []),
    ({"q": "roof", "q_mode": "substring", "messages": 0}, [1, 4, 2]),
    ({"q": "roof", "unread": "true"}, [1, 2]),
    ({"q": "roof", "phone": ANA}, [1]),
    ({"q": "roof", "limit": 1}, [1]),
    ({"q": "senor"}, [2]),
    ({"q": "crm-7"}, [2]),
    ({"q": "bo@example"}, [2]),
    ({"q": "49 151 1234"}, [2]),
    ({"q": "cy.b"}, [3]),
    ({"q": "nothing of it"}, []),
]


@pytest.mark.usefixtures("four")
async def test_a_search_finds_whatever_way_it_goes(client: httpx.AsyncClient) -> None:
    assert CASES == [(query, await found(client, **query)) for query, _ in CASES]


@pytest.mark.usefixtures("four")
async def test_pages_of_a_search_go_on(client: httpx.AsyncClient) -> None:
    first = (await client.get("conversations/?q=roof&limit=2")).json()
    second = (
        await client.get(f"conversations/?q=roof&limit=2&cursor={first['next_cursor']}")
    ).json()

    assert [[1, 4], [2]] == [[c["id"] for c in p["conversations"]] for p in (first, second)]
    assert second["next_cursor"] is None


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize("scopes", [["conversations:read"]])
async def test_who_may_not_know_numbers_does_not_find_by_them(client: httpx.AsyncClient) -> None:
    assert [] == await found(client, q="49151")
    assert [] == await found(client, q="bo@example")
    assert [2] == await found(client, q="senor")
