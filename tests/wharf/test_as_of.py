"""As of a position or a time, an answer is the one that was given then."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from events.database import connect
from tests.conftest import new_database
from tests.projections import log
from tests.projections.log import NUMBER
from tests.projections.merging import merge
from tests.wharf.openapi.world import catch_up
from tests.write_side.posting import client_for
from wharf.keys import Limits, create_key

ANA, PHONE = "5511987654321", "5511900000001"
API = "/api/whatsapp"


def story() -> list[Sequence[log.Row]]:
    """What a customer and the business did, a delivery each: one who gets a user id late."""
    photo = log.message("photo", 5, phone=ANA, name="Ana")
    (item,) = photo["messages"]
    del item["text"]
    item |= {"type": "image", "image": {"id": "900", "mime_type": "image/jpeg", "sha256": "x"}}
    return [
        [log.message("in1", 1, phone=ANA, name="Ana", text="hola")],
        [log.message("else", 2, phone=PHONE, name="Bia")],
        [log.status("out1", "sent", 3, phone=ANA), log.status("out1", "failed", 4, phone=ANA)],
        [photo],
        [log.echo("out1", 3, phone=ANA)],
        [log.reacted("re1", 6, "in1", "👍", phone=ANA)],
        [log.message("in2", 7, phone=ANA, user="BR.a", name="Ana Souza", text="adiós")],
        [log.status("out1", "read", 8, user="BR.a")],
    ]


@pytest.fixture
async def client(database: str) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(database) as client:
        client.headers["X-Api-Key"] = key(database, ["all"])
        yield client


def key(url: str, scopes: list[str], limits: Limits | None = None) -> str:
    with connect(url, "wharf_owner") as conn:
        return create_key(conn, "some", scopes, limits or Limits()).token


async def told(client: httpx.AsyncClient, **parameters: object) -> list[Any]:
    """What the conversations, their threads and their messages say of themselves."""
    found = []
    for path in (
        *(f"conversations/{id_}/" for id_ in (1, 2)),
        "conversations/1/messages/?limit=3",
        *(f"messages/{id_}/" for id_ in (1, 5, "out1")),
    ):
        url = httpx.URL(f"{API}/{path}").copy_merge_params(
            {k: str(v) for k, v in parameters.items()}
        )
        answer = await client.get(url)
        content = answer.json()
        if answer.status_code != 200:
            found.append((path, answer.status_code))
            continue
        # Cursors of a past are no places in another one; a conversation's position is its own.
        for name in ("next_cursor", "prev_cursor"):
            content.pop(name, None)
        if "messages" in path:
            content.pop("position")
        found.append((path, content))
    return found


def desk(url: str) -> None:
    """What colleagues say of the two customers, who are one for them."""
    log.say(url, "NoteAdded", 1, stream=f"p:{ANA}", body="calls after five")
    log.say(url, "LabelsChanged", 1, stream=f"p:{ANA}", added=["vip"], removed=[])
    merge(url, f"p:{ANA}", 1, f"p:{PHONE}", 2)


async def test_a_past_is_answered_as_it_was(client: httpx.AsyncClient, database: str) -> None:
    answered: list[tuple[int, datetime, list[Any]]] = []
    for number, values in enumerate(story()):
        await asyncio.to_thread(log.post, database, values)
        if number == 4:
            await asyncio.to_thread(desk, database)
        await asyncio.to_thread(catch_up, database)
        position = int((await client.get(f"{API}/messages/")).headers["X-Log-Position"])
        answered.append((position, datetime.now(UTC), await told(client)))

    for position, _, expected in answered:
        assert expected == await told(client, as_of=position)
    _, at, expected = answered[4]
    assert expected == await told(client, as_of=at.isoformat())


@pytest.fixture(scope="module")
def quiet_database(server: str, template: str) -> Iterator[str]:
    """Two people and three messages, for tests that only read."""
    with new_database(server, template) as url:
        log.post(url, *story()[:2], *story()[6:7])
        catch_up(url)
        yield url


@pytest.fixture
async def two_messages(quiet_database: str) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(quiet_database) as client:
        client.headers["X-Api-Key"] = key(quiet_database, ["all"])
        yield client


async def test_what_was_not_there_is_not_found(two_messages: httpx.AsyncClient) -> None:
    for path in ("conversations/2/", "conversations/2/messages/", "messages/2/", "messages/else/"):
        answer = await two_messages.get(f"{API}/{path}", params={"as_of": 1})
        assert 404 == answer.status_code
        assert 404 == (await two_messages.get(f"{API}/{path}", params={"as_of": 0})).status_code


@pytest.mark.parametrize("as_of", ["999", "noon", "2026-11-22", "-1", "2026-11-22T10:00:00"])
async def test_what_is_no_moment_of_the_log_is_refused(
    two_messages: httpx.AsyncClient, as_of: str
) -> None:
    answer = await two_messages.get(f"{API}/conversations/1/", params={"as_of": as_of})

    assert 400 == answer.status_code
    (fault,) = answer.json()["errors"]
    assert "as_of" == fault["parameter"]
    # Of what could have been meant nothing is left out.
    if as_of != "999":
        assert "has to be a position, or a time with its offset (RFC 3339)" == fault["message"]


async def test_a_time_before_the_first_event_knows_nothing(
    two_messages: httpx.AsyncClient,
) -> None:
    long_ago = (datetime.now(UTC) - timedelta(days=1)).isoformat()

    answer = await two_messages.get(f"{API}/conversations/1/", params={"as_of": long_ago})

    assert 404 == answer.status_code


async def test_pages_of_a_past_go_on_in_that_past(two_messages: httpx.AsyncClient) -> None:
    thread = f"{API}/conversations/1/messages/"
    newest = (await two_messages.get(thread, params={"as_of": 3, "limit": 1})).json()
    back = {"before": newest["prev_cursor"], "limit": 1}

    older = (await two_messages.get(thread, params={**back, "as_of": 3})).json()

    assert ["in2"] == [each["message_id"] for each in newest["messages"]]
    assert ["in1"] == [each["message_id"] for each in older["messages"]]
    for other in ({}, {"as_of": 1}):
        answer = await two_messages.get(thread, params={**back, **other})
        assert "cursor-mismatch" == answer.json()["code"]


async def test_the_past_is_not_searched(two_messages: httpx.AsyncClient) -> None:
    answer = await two_messages.get(
        f"{API}/conversations/1/messages/", params={"as_of": 3, "q": "hola"}
    )

    assert 400 == answer.status_code


@pytest.mark.parametrize("path", ["conversations/1/", "conversations/1/messages/", "messages/1/"])
async def test_a_key_sees_of_the_past_what_it_sees_of_now(
    two_messages: httpx.AsyncClient, quiet_database: str, path: str
) -> None:
    async def asked(scopes: list[str], limits: Limits | None = None) -> httpx.Response:
        headers = {"X-Api-Key": key(quiet_database, scopes, limits)}
        return await two_messages.get(f"{API}/{path}", params={"as_of": 3}, headers=headers)

    reads = ["messages:read", "conversations:read"]
    of_this, of_another = Limits(phone_number_ids=[NUMBER]), Limits(phone_number_ids=["1"])
    everything = await asked(["all"])

    assert 403 == (await asked(["stats:read"])).status_code
    assert 404 == (await asked(reads, of_another)).status_code
    assert everything.json() == (await asked([*reads, "pii:read"], of_this)).json()
    masked = await asked(reads)
    assert ANA in everything.text
    assert 200 == masked.status_code
    assert ANA not in masked.text
