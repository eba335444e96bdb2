"""A key without pii:read sees no phone number, in whatever an answer holds."""

from typing import Any

import httpx
import pytest
from psycopg import Connection
from starlette.requests import Request

from read_api.masking import may_know
from tests.read_api import rows
from tests.read_api.rows import ANA

Inbox = Connection[Any]


@pytest.fixture
def scopes() -> list[str]:
    return ["messages:read", "conversations:read"]


@pytest.fixture
def told(inbox: Inbox) -> Inbox:
    """Ana's number in every place that has room for it."""
    rows.conversation(inbox, 1, contact_name=None)
    rows.message(inbox, 1, customer_name=None, message_id=f"wamid.{ANA}")
    rows.message(
        inbox, 2, context={"message_id": f"wamid.{ANA}"}, message_type="contacts",
        content={"contacts": [{"phones": [{"wa_id": ANA}]}]},
    )  # fmt: skip
    rows.status(inbox, 3, f"wamid.{ANA}", "read", participant=ANA, callback_data=ANA)
    return inbox


@pytest.mark.parametrize(
    "path", ["messages/", "messages/1/", "messages/2/", "conversations/", "statuses/"]
)
async def test_no_answer_tells_a_number(client: httpx.AsyncClient, told: Inbox, path: str) -> None:
    answer = await client.get(path)

    assert 200 == answer.status_code
    assert ANA not in answer.text
    assert "•••4321" in answer.text


async def test_what_is_no_number_stays(client: httpx.AsyncClient, told: Inbox) -> None:
    (found,) = (await client.get("conversations/")).json()["conversations"]

    assert "•••4321" == found["customer"]["display_name"] == found["phone_number"]
    assert ["hola 1", "hola 2"] == [message["text_body"] for message in found["messages"]]
    assert [1, 2] == [message["id"] for message in found["messages"]]


@pytest.mark.parametrize("path", ["messages/", "conversations/", "statuses/"])
async def test_a_number_can_not_be_guessed_digit_by_digit(
    client: httpx.AsyncClient, told: Inbox, path: str
) -> None:
    answer = await client.get(path, params={"phone": "4321", "phone_match": "suffix"})

    assert 400 == answer.status_code


def test_who_is_not_known_may_not_know() -> None:
    assert not may_know(Request({"type": "http", "headers": []}))
