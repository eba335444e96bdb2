"""A key that may see one business number sees what it would if there were no other.

Two worlds: one where the bakery is alone, and one where the repair shop came afterwards. Whatever
is asked in the second by the bakery's key has to be what everybody is told in the first: rows and
counts, and the silence about what is the other's.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from itertools import product
from typing import Any, NamedTuple

import httpx
import pytest
from psycopg.conninfo import conninfo_to_dict

from events.database import connect
from tests.conftest import new_database
from tests.wharf.openapi.places import addresses, places
from tests.wharf.openapi.schemas import named_schema, operations
from tests.wharf.openapi.world import START, catch_up
from tests.write_side.posting import client_for, post
from wharf.demo.cast import BAKERY, REPAIRS, Number
from wharf.demo.traffic import a_day, write
from wharf.keys import Limits, create_key
from wharf.scopes import NUMBERED_SCOPES

pytestmark = [pytest.mark.xdist_group("key numbers"), pytest.mark.slow]

# Answers that go on for ever are asked in tests of their own.
ENDLESS = {"/api/whatsapp/stream/"}
# Said of the answer and not of what it is about.
ANSWERS_OWN = {"position", "request_id", "actor", "next_after", "asked_at"}
WORDS = ["a", "order", "repair", "bread", "screen", "447700900101"]


class World(NamedTuple):
    url: str
    token: str


async def post_a_day(url: str, number: Number) -> None:
    async with client_for(url) as client:
        for each in a_day(START):
            items = tuple(item for item in each.items if item.number == number)
            if items:
                assert 200 == (await post(client, write(items))).status_code
    catch_up(url)


def with_key(url: str, limits: Limits) -> World:
    with connect(url, "wharf_owner") as conn:
        return World(url, create_key(conn, "some", sorted(NUMBERED_SCOPES), limits).token)


@pytest.fixture(scope="module")
def worlds(server: str, template: str) -> Iterator[tuple[World, World]]:
    """The bakery alone, then both of them with a key for the bakery."""
    with new_database(server, template) as alone:
        asyncio.run(post_a_day(alone, BAKERY))
        with new_database(server, str(conninfo_to_dict(alone)["dbname"])) as both:
            asyncio.run(post_a_day(both, REPAIRS))
            limited = Limits(phone_number_ids=[BAKERY.phone_number_id])
            yield with_key(alone, Limits()), with_key(both, limited)


class Asking(NamedTuple):
    """Who asks: somebody where the bakery is alone, its key where it is not, and who looks on."""

    alone: httpx.AsyncClient
    limited: httpx.AsyncClient
    document: dict[str, Any]
    # Ids of what there is in each of the two.
    theirs: dict[str, list[str]]
    everybodys: dict[str, list[str]]

    @property
    def others(self) -> dict[str, list[str]]:
        """Ids of what is the repair shop's."""
        return {
            thing: [id_ for id_ in ids if id_ not in self.theirs[thing]]
            for thing, ids in self.everybodys.items()
        }


@pytest.fixture
async def asking(worlds: tuple[World, World]) -> AsyncIterator[Asking]:
    alone, both = worlds
    async with client_for(alone.url) as one, client_for(both.url) as other:
        found = []
        for client, world in ((one, alone), (other, both)):
            with connect(world.url, "wharf_owner") as conn:
                client.headers["X-Api-Key"] = create_key(conn, "everything", ["all"]).token
            found.append(await places(client))
            client.headers.update({"X-Api-Key": world.token, "Prefer": "wait=0"})
        document = (await one.get("/api/openapi.json")).json()
        yield Asking(one, other, document, *found)


def variants(operation: dict[str, Any]) -> list[dict[str, str]]:
    """No parameters, then each of them with each of its values, as far as there are few."""
    found: list[dict[str, str]] = [{}]
    for parameter in operation["parameters"]:
        if parameter["in"] != "query":
            continue
        schema = parameter["schema"].get("items", parameter["schema"])
        values = schema.get("enum") or {
            "boolean": ["true", "false"],
            "integer": ["1", "3"],
        }.get(schema.get("type"), [])
        if parameter["name"] == "q":
            values = WORDS
        if parameter["name"] == "phone":
            values = ["447700900101", "447700900102", "447700900103", "447700900104"]
        found += [{parameter["name"]: str(value)} for value in values]
    return found


def said(answer: httpx.Response) -> tuple[int, Any]:
    """The answer without what differs between any two."""
    if not answer.headers.get("Content-Type", "").endswith("json"):
        return answer.status_code, answer.content
    content = answer.json()
    return answer.status_code, {k: v for k, v in content.items() if k not in ANSWERS_OWN}


def difference(one: Any, other: Any, where: str = "") -> str | None:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return next(filter(None, (difference(one[k], other[k], f"{where}/{k}") for k in one)), None)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return next(filter(None, (difference(a, b, f"{where}/{i}") for i, (a, b) in pairs)), None)
    return None if one == other else f"{where}: {str(one)[:80]} is not {str(other)[:80]}"


@pytest.mark.parametrize("most", [3, pytest.param(10_000, marks=pytest.mark.deep)])
async def test_every_question_is_answered_as_if_there_were_no_other_number(
    asking: Asking, most: int
) -> None:
    """Also for the ids of what is the other's: they are nobody's there. `most` ids of each."""
    wrong, asked = [], 0
    assert len(asking.others["messages"]) > 50
    for method, path, operation in operations(asking.document):
        if method != "get" or path in ENDLESS or not path.startswith("/api/whatsapp/"):
            continue
        for address in dict.fromkeys(
            each for ids in (asking.theirs, asking.others) for each in addresses(path, ids)[:most]
        ):
            for query in variants(operation):
                expected = said(await asking.alone.get(address, params=query))
                found = said(await asking.limited.get(address, params=query))
                asked += 1
                if told := difference(expected, found):
                    wrong.append(f"{address} {query} {told}")

    assert [] == wrong
    assert asked > 100


async def test_nothing_can_be_done_to_the_other_number(
    asking: Asking, worlds: tuple[World, World]
) -> None:
    """Every command, on each of its conversations, customers, messages and files."""
    before = head(worlds[1])
    done, asked = [], 0
    for method, path, operation in operations(asking.document):
        if method == "get" or path.endswith(("/webhook/", "/exports/")):
            continue
        for address, body in product(addresses(path, asking.others), bodies(asking, operation)):
            answer = await asking.limited.request(method, address, json=body)
            asked += 1
            if answer.status_code not in (400, 403, 404, 409, 422):
                done.append(f"{method} {address} {json.dumps(body)}: {answer.status_code}")

    assert [] == done
    assert before == head(worlds[1])
    assert asked > 10


def head(world: World) -> int:
    with connect(world.url, "wharf_owner") as conn:
        row = conn.execute("select max(position) from log.events").fetchone()
    assert row is not None
    return int(row[0])


def bodies(asking: Asking, operation: dict[str, Any]) -> list[dict[str, Any] | None]:
    """The document's examples, about what is the other's."""
    if "requestBody" not in operation:
        return [None]
    shown = operation["requestBody"]["content"]["application/json"]
    examples = named_schema(asking.document, shown["schema"]).get("examples") or [
        shown.get("example")
    ]
    ids = {"conversation_id": "conversations", "customer_id": "customers"}
    return [
        None
        if example is None
        else example
        | {name: int(asking.others[thing][0]) for name, thing in ids.items() if name in example}
        for example in examples
    ]


@pytest.mark.parametrize(
    "path",
    ["deliveries/", "deliveries/refused/", "handshakes/", "messages/1/raw/", "keys/"],
)
async def test_what_can_not_be_told_apart_is_not_told(asking: Asking, path: str) -> None:
    answer = await asking.limited.get(f"/api/whatsapp/{path}")

    assert (403, "scope-missing") == (answer.status_code, answer.json()["code"])


async def test_another_number_can_not_even_be_asked_for(asking: Asking) -> None:
    """Looking through all rows for those that are hidden would take long."""
    number = {"phone_number_id": REPAIRS.phone_number_id}

    answer = await asking.limited.get("/api/whatsapp/messages/", params=number)

    assert (400, "phone_number_id") == (
        answer.status_code,
        answer.json()["errors"][0]["parameter"],
    )
