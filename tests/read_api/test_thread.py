"""GET conversations/{id}/messages/: a conversation to be read, from any place and both ways."""

from typing import Any

import httpx
import pytest
from psycopg import Connection

from tests.read_api import rows
from tests.read_api.rows import at

Inbox = Connection[Any]
PATH = "conversations/1/messages/"


@pytest.fixture
def nine(inbox: Inbox) -> Inbox:
    """Nine messages of Ana's, three of them of one second, and one of somebody else."""
    rows.conversation(inbox, 1)
    for id_ in range(1, 10):
        rows.message(inbox, id_, timestamp=at(4 if 4 <= id_ <= 6 else id_))
    rows.conversation(inbox, 10, phone_number="4915112345678")
    rows.message(inbox, 10, conversation_id=10)
    return inbox


async def page(client: httpx.AsyncClient, path: str = PATH, **query: Any) -> dict[str, Any]:
    answer = await client.get(path, params={"limit": 4, **query})
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def ids(content: dict[str, Any]) -> list[int]:
    return [message["id"] for message in content["messages"]]


@pytest.mark.usefixtures("nine")
async def test_pages_go_back_in_time_and_forth_again(client: httpx.AsyncClient) -> None:
    newest = await page(client)
    middle = await page(client, before=newest["prev_cursor"])
    oldest = await page(client, before=middle["prev_cursor"])
    forth = await page(client, after=oldest["next_cursor"])

    assert [[6, 7, 8, 9], [2, 3, 4, 5], [1], [2, 3, 4, 5]] == [
        ids(each) for each in (newest, middle, oldest, forth)
    ]
    assert [True, True, False, True] == [e["has_more"] for e in (newest, middle, oldest, forth)]
    assert (None, None) == (newest["next_cursor"], oldest["prev_cursor"])


async def test_what_is_said_meanwhile_is_after_the_page(
    client: httpx.AsyncClient, nine: Inbox
) -> None:
    middle = await page(client, before=(await page(client))["prev_cursor"])
    rows.message(nine, 11)
    forth = await page(client, after=middle["next_cursor"])

    assert [6, 7, 8, 9] == ids(forth)
    assert [11] == ids(await page(client, after=forth["next_cursor"]))


@pytest.mark.usefixtures("nine")
@pytest.mark.parametrize(
    ("around", "limit", "expected", "older", "newer"),
    [
        (5, 4, [3, 4, 5, 6], True, True),
        ("wamid.5", 1, [5], True, True),
        (9, 4, [7, 8, 9], True, False),
        (1, 4, [1, 2], False, True),
        (5, 50, [1, 2, 3, 4, 5, 6, 7, 8, 9], False, False),
    ],
)
async def test_a_page_is_around_a_message_and_goes_on_both_ways(
    client: httpx.AsyncClient,
    around: int | str,
    limit: int,
    expected: list[int],
    older: bool,
    newer: bool,
) -> None:
    found = await page(client, around=around, limit=limit)

    assert expected == ids(found)
    assert (older, newer) == (found["has_more"], found["next_cursor"] is not None)
    if older:
        before = await page(client, before=found["prev_cursor"], limit=50)
        assert list(range(1, expected[0])) == ids(before)
    if newer:
        after = await page(client, after=found["next_cursor"], limit=50)
        assert list(range(expected[-1] + 1, 10)) == ids(after)


async def test_a_thread_is_searched(client: httpx.AsyncClient, nine: Inbox) -> None:
    rows.message(nine, 11, text_body="the roof leaks")
    rows.message(nine, 12, text_body="the roof", conversation_id=10)
    rows.find(nine)

    newest = await page(client, q="HOLÁ")
    older = await page(client, q="HOLÁ", before=newest["prev_cursor"])

    assert [11] == ids(await page(client, q="roof"))
    assert ([6, 7, 8, 9], [2, 3, 4, 5]) == (ids(newest), ids(older))


async def test_an_old_id_leads_to_where_its_messages_are(
    client: httpx.AsyncClient, nine: Inbox
) -> None:
    found = await page(client, "conversations/7/messages/", fields="id")

    assert (1, [{"id": 6}, {"id": 7}, {"id": 8}, {"id": 9}]) == (
        found["conversation_id"],
        found["messages"],
    )


@pytest.mark.usefixtures("nine")
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("conversations/99/messages/", 404, "not-found"),
        ("conversations/ana/messages/", 404, "not-found"),
        (f"{PATH}?around=10", 404, "not-found"),
        (f"{PATH}?around=99", 404, "not-found"),
        (f"{PATH}?around=5&q=x", 400, "invalid-parameter"),
        (f"{PATH}?around=5&before=x", 400, "invalid-parameter"),
        (f"{PATH}?before=x&after=x", 400, "invalid-parameter"),
        (f"{PATH}?before=x", 400, "invalid-parameter"),
        (f"{PATH}?cursor=x", 400, "invalid-parameter"),
        (f"{PATH}?sort=timestamp", 400, "invalid-parameter"),
    ],
)
async def test_what_is_not_there_or_not_understood(
    client: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    answer = await client.get(path)

    assert (status, code) == (answer.status_code, answer.json()["code"])


@pytest.mark.usefixtures("nine")
async def test_a_cursor_of_another_thread_is_refused(client: httpx.AsyncClient) -> None:
    place = (await page(client))["prev_cursor"]

    answer = await client.get("conversations/10/messages/", params={"before": place})

    assert "cursor-mismatch" == answer.json()["code"]
