"""GET customers/: people, by name, number and number of the business."""

from typing import Any

import httpx
import pytest
from psycopg import Connection

from tests.read_api import rows
from tests.read_api.rows import ANA

Inbox = Connection[Any]


@pytest.fixture
def people(inbox: Inbox) -> Inbox:
    """Ana, José who goes by a user name, and a group."""
    rows.conversation(
        inbox, 1, last_incoming_at=rows.at(3), last_message_at=rows.at(4), external_id="crm-1",
        display_name="Ana from the shop", customer_email="ana@example.org",
        attributes={"vip": True},
    )  # fmt: skip
    rows.conversation(
        inbox, 2, phone_number=None, user_id="BR.jose", username="pepe", contact_name="José Luis"
    )
    rows.conversation(inbox, 9, phone_number=None, group_id="grp", contact_name=None)
    rows.message(inbox, 1, customer_name="Anita")
    rows.message(inbox, 3)
    rows.message(inbox, 4, direction="out", customer_name=None)
    jose = {"customer_name": "José Luis", "customer_username": "pepe", "customer_wa_id": None}
    rows.message(inbox, 2, conversation_id=2, direction="out", text_body="Ana?", **jose)
    rows.message(inbox, 9, conversation_id=9, group_id="grp", customer_name="Gru")
    rows.find(inbox)
    return inbox


async def found(client: httpx.AsyncClient, **asked: str) -> list[int]:
    answer = await client.get("customers/", params=asked)
    assert 200 == answer.status_code, answer.text
    content = answer.json()
    assert len(content["customers"]) == content["count"]
    return [customer["id"] for customer in content["customers"]]


async def test_customers_are_people_and_the_latest_comes_first(
    client: httpx.AsyncClient, people: Inbox
) -> None:
    ana, jose = (await client.get("customers/")).json()["customers"]

    assert {
        "id": 1,
        "wa_id": ANA,
        "phone_e164": f"+{ANA}",
        "user_id": None,
        "username": None,
        "profile_name": "Ana",
        "display_name": "Ana from the shop",
        "external_id": "crm-1",
        "customer_email": "ana@example.org",
        "attributes": {"vip": True},
        "phone_number_id": rows.NUMBER,
        "message_count": 1,
        "unread_count": 1,
        "first_seen_at": "2026-11-16T10:00:01Z",
        "last_seen_at": "2026-11-16T10:00:03Z",
        "last_message_at": "2026-11-16T10:00:04Z",
    } == ana
    assert (2, "José Luis", None) == (jose["id"], jose["display_name"], jose["first_seen_at"])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"q": "jose"}, [2]),
        ({"q": "luis JOSÉ"}, [2]),
        ({"q": "pep"}, [2]),
        ({"q": "ana luis"}, []),
        ({"q": "98765-4321"}, [1]),
        ({"q": "anita"}, [1]),
        ({"q": "from the shop"}, [1]),
        ({"q": "ana", "phone": ANA}, [1]),
        ({"q": "pepe", "phone": ANA}, []),
        ({"q": "hola"}, []),
        ({"q": "gru"}, []),
        ({"phone": "+55 11 98765-4321"}, [1]),
        ({"phone": "551187654321"}, [1]),
        ({"phone": "551187654321", "phone_match": "exact"}, []),
        ({"phone_number_id": "999"}, []),
        ({"external_id": "crm-1"}, [1]),
        ({"external_id": "crm-2"}, []),
        ({"sort": "last_message_at"}, [2, 1]),
        ({"limit": "1"}, [1]),
    ],
    ids=str,
)
async def test_customers_are_found(
    client: httpx.AsyncClient, people: Inbox, asked: dict[str, str], expected: list[int]
) -> None:
    assert expected == await found(client, **asked)


async def test_a_page_leads_to_the_next(client: httpx.AsyncClient, people: Inbox) -> None:
    first = (await client.get("customers/", params={"limit": 1})).json()

    assert [2] == await found(client, limit="1", cursor=first["next_cursor"])
    answer = await client.get("customers/", params={"q": "ana", "cursor": first["next_cursor"]})
    assert (400, "cursor-mismatch") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize("asked", [{"q": " "}, {"name": "ana"}, {"phone_match": "exact"}], ids=str)
async def test_a_question_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, people: Inbox, asked: dict[str, str]
) -> None:
    assert 400 == (await client.get("customers/", params=asked)).status_code


class TestWithoutPii:
    """A key that may not know numbers."""

    @pytest.fixture
    def scopes(self) -> list[str]:
        return ["conversations:read"]

    async def test_numbers_are_masked_and_nothing_is_found_by_them(
        self, client: httpx.AsyncClient, people: Inbox
    ) -> None:
        answer = await client.get("customers/")

        assert ANA not in answer.text
        assert "•••4321" == answer.json()["customers"][0]["wa_id"]
        assert [] == await found(client, q="98765-4321")
        assert [1] == await found(client, q="ana")
