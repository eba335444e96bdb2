"""What the service really answers is what the document says, and nothing beside it."""

from typing import Any

import httpx
import pytest

from tests.wharf.openapi.places import addresses, places
from tests.wharf.openapi.schemas import (
    answer_schema,
    closed,
    ends,
    faults,
    named_schema,
    operations,
)

pytestmark = [pytest.mark.xdist_group("openapi"), pytest.mark.slow]


async def test_real_answers_of_every_get_validate(
    client: httpx.AsyncClient, document: dict[str, Any]
) -> None:
    document = closed(document)
    found = await places(client)
    wrong, asked = [], 0
    for method, path, operation in operations(document):
        if method != "get" or not ends(operation):
            continue
        for address in addresses(path, found):
            answer = await client.get(address)
            asked += 1
            schema = answer_schema(operation, answer.status_code)
            if schema is not None and answer.headers["Content-Type"].endswith("json"):
                wrong += [f"{address}: {f}" for f in faults(document, schema, answer.json())]

    assert [] == wrong
    assert asked > 100


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("messages/?limit=0", 400),
        ("messages/?cursor=AAAA", 400),
        ("messages/0/", 404),
        ("messages/?min_position=999999999", 503),
        ("deliveries/0/", 404),
    ],
)
async def test_real_problems_validate(
    client: httpx.AsyncClient, document: dict[str, Any], address: str, status: int
) -> None:
    answer = await client.get(f"/api/whatsapp/{address}", headers={"Prefer": "wait=0"})
    schema = document["components"]["schemas"]["ProblemDetails"]

    assert status == answer.status_code
    assert [] == faults(closed(document), schema, answer.json())


async def test_a_problem_without_a_key_validates(
    client: httpx.AsyncClient, document: dict[str, Any]
) -> None:
    del client.headers["X-Api-Key"]
    answer = await client.get("/api/whatsapp/messages/")
    schema = document["components"]["schemas"]["ProblemDetails"]

    assert 401 == answer.status_code
    assert [] == faults(closed(document), schema, answer.json())


async def test_everything_that_has_a_model_has_an_example(document: dict[str, Any]) -> None:
    without = {
        shown["schema"]["$ref"].rpartition("/")[2]
        for *_, operation in operations(document)
        for part in (*operation["responses"].values(), operation.get("requestBody", {}))
        for shown in part.get("content", {}).values()
        if "$ref" in shown["schema"]
        and not shown.keys() & {"example", "examples"}
        and "examples" not in named_schema(document, shown["schema"])
    }

    assert set() == without
