"""The document tells of every route, and all of its examples are true."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from markupsafe import escape
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.applications import Starlette
from starlette.routing import Route

from tests.wharf.openapi.schemas import closed, faults, named_schema, operations
from wharf.openapi.faults import ProblemDetails
from wharf.problem_texts import TEXTS
from wharf.problems import by_slug
from wharf.scopes import SCOPES
from wharf.web import Secrets, create_app
from write_side.routes import WEBHOOK

# Pages are for people and in the document of programs under no address.
FOR_PROGRAMS = ("/api/", "/healthz", "/readyz", "/metrics")


@pytest.fixture(scope="module")
def app() -> Starlette:
    """Made and never started: it needs no database to say what it is."""
    return create_app("", Secrets(app_secrets=("a secret",), verify_token="a token"))


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/api/openapi.json")).json()
    return found


def routes_of(app: Starlette) -> set[tuple[str, str]]:
    """Method and path of every route of the application that programs use."""
    return {
        (method.lower(), route.path_format)
        for route in app.routes
        if isinstance(route, Route)
        and route.path.startswith(FOR_PROGRAMS)
        and route.include_in_schema
        for method in route.methods or {"GET", "POST"}
        if method not in ("HEAD", "OPTIONS")
    }


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert "3.1.0" == document["openapi"]
    OpenAPIV31SpecValidator(document).validate()


async def test_every_route_is_in_the_document(app: Starlette, document: dict[str, Any]) -> None:
    told = {(method, path) for method, path, _ in operations(document)}
    there = routes_of(app)
    # Each is answered with and without its last slash, and told with it.
    without = {(method, path.removesuffix("/")) for method, path in told}

    assert told <= there
    assert there - told <= without


async def test_every_operation_is_told_in_full(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert any(int(status) < 400 for status in operation["responses"]), where
        for status, response in operation["responses"].items():
            is_empty = int(status) in (204, 303, 304)
            assert is_empty == ("content" not in response), f"{where} {status}"
        for parameter in operation["parameters"]:
            told = parameter.get("description") or parameter["schema"].get("enum")
            assert told or path == WEBHOOK, f"{where}: {parameter['name']}"


def test_there_is_no_scope_that_nothing_takes(document: dict[str, Any]) -> None:
    """And none that nobody can be given. Seeing phone numbers is a part of every answer."""
    taken = {
        scope
        for _, _, operation in operations(document)
        for each in operation["security"]
        for scope in each.get("bearer", [])
    }

    assert SCOPES - {"pii:read"} == taken


async def test_what_is_shown_once_takes_no_key_to_be_answered_again(
    document: dict[str, Any],
) -> None:
    takes = {
        path
        for method, path, operation in operations(document)
        for each in operation.get("parameters", [])
        if each["name"] == "Idempotency-Key"
    }

    assert "/api/whatsapp/mark-read/" in takes
    assert {path for path in takes if "/keys/" in path or "/users/" in path} == set()


async def test_names_of_operations_are_unique(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for *_, operation in operations(document)]

    assert sorted(set(names)) == sorted(names)


async def test_every_example_validates(document: dict[str, Any]) -> None:
    document = closed(document)
    wrong = []
    for method, path, operation in operations(document):
        contents = [response.get("content", {}) for response in operation["responses"].values()]
        contents.append(operation.get("requestBody", {}).get("content", {}))
        for content in contents:
            for shown in content.values():
                values = [each["value"] for each in shown.get("examples", {}).values()]
                values += [shown["example"]] if "example" in shown else []
                named = named_schema(document, shown["schema"])
                values += named.get("examples", [])
                found = [f for value in values for f in faults(document, shown["schema"], value)]
                wrong += [f"{method} {path}: {fault}" for fault in found]
        for parameter in operation.get("parameters", []):
            if "example" in parameter:
                wrong += faults(document, parameter["schema"], parameter["example"])

    assert [] == wrong


async def test_the_document_takes_no_key_and_is_told_by_its_etag(
    client: httpx.AsyncClient,
) -> None:
    first = await client.get("/api/openapi.json")
    again = await client.get("/api/openapi.json", headers={"If-None-Match": first.headers["ETag"]})

    assert (200, 304, b"") == (first.status_code, again.status_code, again.content)


@pytest.mark.parametrize("slug", sorted(by_slug()))
async def test_every_problem_has_a_page(client: httpx.AsyncClient, slug: str) -> None:
    answer = await client.get(f"/problems/{slug}")

    assert 200 == answer.status_code
    assert escape(TEXTS[slug].advice) in answer.text
    assert f'href="/problems/{slug}"' in (await client.get("/problems/")).text


def test_no_text_is_of_a_problem_that_there_is_not() -> None:
    assert TEXTS.keys() == by_slug().keys()


async def test_a_problem_that_there_is_not_has_no_page(client: httpx.AsyncClient) -> None:
    assert 404 == (await client.get("/problems/no-such-problem")).status_code


async def test_every_fact_of_a_problem_is_told() -> None:
    facts = {fact for problem in by_slug().values() for fact in problem.facts}

    assert facts <= ProblemDetails.__annotations__.keys()
