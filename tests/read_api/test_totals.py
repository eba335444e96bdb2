"""Totals and chosen fields of conversations, customers and statuses, as messages have them."""

from typing import Any

import httpx
import pytest
from psycopg import Connection

from read_api import totals
from tests.read_api import rows
from tests.read_api.rows import ANA

Inbox = Connection[Any]

NOTES = """
insert into notes (id, filed_under, conversation_id, stream, body, created_at, changed_id)
select n, 1, 1, 's', 'hola', '2026-11-22', n from generate_series(5, 7) n
"""
VERSIONS = """
insert into note_versions (id, note_id, body, written_at)
select n, n, 'hola', '2026-11-22' from generate_series(5, 7) n
"""


@pytest.fixture
def three(inbox: Inbox) -> Inbox:
    """Three people, one of them unread, each with a message that was delivered."""
    for id_, phone in ((1, ANA), (2, "551"), (3, "552")):
        rows.conversation(inbox, id_, phone_number=phone, unread_count=int(id_ == 2))
        rows.message(inbox, id_, conversation_id=id_, text_body="hola")
        rows.status(inbox, 10 + id_, f"wamid.{id_}", "delivered", recipient_number=phone)
    rows.reach(inbox, 20)
    inbox.execute(NOTES)
    inbox.execute(VERSIONS)
    return inbox


async def asked(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await client.get(path)
    assert 200 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("path", "total"),
    [
        ("conversations/?", 3),
        ("conversations/?sort=name&messages=0&", 3),
        ("conversations/?unread=true&", 1),
        (f"conversations/?phone={ANA}&", 1),
        ("conversations/?q=hola&", 3),
        (f"conversations/?q=hola&phone={ANA}&", 1),
        ("conversations/?q=nothing&", 0),
        ("customers/?", 3),
        ("customers/?q=ana&", 3),
        (f"customers/?phone={ANA}&", 1),
        ("statuses/?", 3),
        (f"statuses/?phone={ANA}&", 1),
        ("statuses/?phone=4321&phone_match=suffix&", 1),
        ("statuses/?status=read&", 0),
        ("conversations/1/notes/?", 3),
        ("conversations/2/notes/?", 0),
    ],
)
async def test_all_are_counted_when_somebody_asks(
    client: httpx.AsyncClient, three: Inbox, path: str, total: int
) -> None:
    rows.find(three)
    answer = await asked(client, f"{path}total=capped&limit=1")

    assert (total, False, min(total, 1)) == (
        answer["total"],
        answer["total_is_capped"],
        answer["count"],
    )
    assert (await asked(client, f"{path}limit=1"))["total"] is None


@pytest.mark.parametrize("path", ["conversations/?q=hola&", "conversations/?", "customers/?"])
async def test_a_total_is_that_of_all_pages(
    client: httpx.AsyncClient, three: Inbox, path: str
) -> None:
    rows.find(three)
    first = await asked(client, f"{path}limit=2")
    second = await asked(client, f"{path}total=capped&limit=2&cursor={first['next_cursor']}")

    assert (1, 3) == (second["count"], second["total"])


@pytest.mark.parametrize("path", ["conversations/", "customers/", "statuses/"])
async def test_nobody_counts_for_ever(
    client: httpx.AsyncClient, three: Inbox, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "CAP", 2)
    answer = await asked(client, f"{path}?total=capped")

    assert (2, True) == (answer["total"], answer["total_is_capped"])


@pytest.mark.parametrize(
    ("path", "fields", "item"),
    [
        ("conversations/", "unread_count,id", {"unread_count": 0, "id": 3}),
        ("customers/", "display_name,id", {"display_name": "Ana", "id": 3}),
        ("statuses/", "message_id", {"message_id": "wamid.3"}),
        ("conversations/1/notes/", "body,id", {"body": "hola", "id": 5}),
    ],
)
async def test_one_may_want_some_fields_alone(
    client: httpx.AsyncClient, three: Inbox, path: str, fields: str, item: dict[str, Any]
) -> None:
    answer = await asked(client, f"{path}?fields={fields}&limit=1")
    (items,) = [value for value in answer.values() if isinstance(value, list)]

    assert [item] == items
    assert answer["next_cursor"]
    assert 400 == (await client.get(f"{path}?fields=nothing")).status_code
