"""Pages: every row once, in order, both ways, whatever is added in between."""

from typing import Any

import httpx
import pytest
from psycopg import Connection

from tests.read_api import rows
from tests.read_api.rows import ANA, at

Inbox = Connection[Any]


@pytest.fixture
def seven(inbox: Inbox) -> Inbox:
    """Seven messages, of which three are of the same second."""
    rows.conversation(inbox, 1)
    for id_ in range(1, 8):
        rows.message(inbox, id_, timestamp=at(3 if 3 <= id_ <= 5 else id_))
    return inbox


async def page(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await client.get("messages/", params={"limit": 3, **query})
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def ids(content: dict[str, Any]) -> list[int]:
    return [message["id"] for message in content["messages"]]


@pytest.mark.parametrize("query", [{}, {"phone": ANA}, {"direction": "in"}])
async def test_pages_forwards_and_back_show_each_row_once(
    client: httpx.AsyncClient, seven: Inbox, query: dict[str, str]
) -> None:
    first = await page(client, **query)
    second = await page(client, **query, cursor=first["next_cursor"])
    third = await page(client, **query, cursor=second["next_cursor"])

    assert ([7, 6, 5], [4, 3, 2], [1]) == (ids(first), ids(second), ids(third))
    assert (True, True, False) == tuple(p["has_more"] for p in (first, second, third))
    assert (None, None) == (first["prev_cursor"], third["next_cursor"])

    back = await page(client, **query, cursor=third["prev_cursor"])
    start = await page(client, **query, cursor=back["prev_cursor"])

    assert ([4, 3, 2], [7, 6, 5]) == (ids(back), ids(start))
    assert (True, None) == (start["has_more"], start["prev_cursor"])


async def test_pages_of_the_other_order_go_the_other_way(
    client: httpx.AsyncClient, seven: Inbox
) -> None:
    first = await page(client, sort="timestamp")
    second = await page(client, sort="timestamp", cursor=first["next_cursor"])
    back = await page(client, sort="timestamp", cursor=second["prev_cursor"])

    assert ([1, 2, 3], [4, 5, 6], [1, 2, 3]) == (ids(first), ids(second), ids(back))


async def test_what_is_added_meanwhile_moves_no_row_to_another_page(
    client: httpx.AsyncClient, seven: Inbox
) -> None:
    first = await page(client)
    rows.message(seven, 8)
    rows.message(seven, 9, timestamp=at(2.5))

    second = await page(client, cursor=first["next_cursor"])
    back = await page(client, cursor=second["prev_cursor"])
    newest = await page(client, cursor=back["prev_cursor"])

    assert [4, 3, 9] == ids(second)
    assert [7, 6, 5] == ids(back)
    assert [8] == ids(newest)


async def test_the_limit_may_change_from_page_to_page(
    client: httpx.AsyncClient, seven: Inbox
) -> None:
    first = await page(client)

    assert [4, 3, 2, 1] == ids(await page(client, cursor=first["next_cursor"], limit=10))


async def test_a_cursor_of_another_list_is_refused(client: httpx.AsyncClient, seven: Inbox) -> None:
    cursor = (await page(client))["next_cursor"]

    for other in ("type=text", "sort=timestamp", f"phone={ANA}", "unread=true"):
        answer = await client.get(f"messages/?cursor={cursor}&{other}")
        assert (400, "cursor-mismatch") == (answer.status_code, answer.json()["code"])
    conversations = await client.get(f"conversations/?cursor={cursor}")
    assert 400 == conversations.status_code


async def test_a_link_header_leads_to_the_pages_beside(
    client: httpx.AsyncClient, seven: Inbox
) -> None:
    first = await client.get("messages/", params={"limit": 3, "phone": f"+{ANA}"})
    second = await client.get(first.url.join(first.links["next"]["url"]))

    assert [4, 3, 2] == ids(second.json())
    assert [7, 6, 5] == ids((await client.get(second.url.join(second.links["prev"]["url"]))).json())


async def test_a_tampered_cursor_is_refused(client: httpx.AsyncClient, seven: Inbox) -> None:
    cursor = (await page(client))["next_cursor"]
    changed = cursor[:20] + ("A" if cursor[20] != "A" else "B") + cursor[21:]

    answer = await client.get(f"messages/?cursor={changed}")

    assert "invalid-parameter" == answer.json()["code"]


@pytest.mark.usefixtures("seven")
async def test_a_cursor_of_one_list_is_refused_by_another(client: httpx.AsyncClient) -> None:
    first = await page(client)

    answer = await client.get("statuses/", params={"cursor": first["next_cursor"]})

    assert (400, "cursor-mismatch") == (answer.status_code, answer.json()["code"])
