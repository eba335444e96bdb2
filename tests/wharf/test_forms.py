"""Commands by a form: the same command, and back to the page."""

from typing import Annotated, Any
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from read_api.errors import ProjectionBehind
from wharf.forms import fields, taking_forms
from wharf.sign_in import HOME


class Wish(BaseModel):
    """Of every kind that commands have."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    conversation_id: StrictInt
    up_to: StrictInt | Annotated[StrictStr, Field(min_length=1)] | None = None
    notify: StrictBool = False
    body: StrictStr = ""
    assignee: StrictStr | None = "somebody"
    labels: list[StrictStr] = []


async def send(form: dict[str, Any], reached: list[int], behind: bool = False) -> httpx.Response:
    async def command(request: Request) -> Response:
        wish = Wish.model_validate_json(await request.body())
        assert (7, "hola & adiós") == (wish.conversation_id, wish.body)
        assert "k-1" == request.headers["Idempotency-Key"]
        return Response("{}", headers={"X-Log-Position": "48"})

    async def reach(position: int, wait_s: float) -> None:
        reached.append(position)
        if behind:
            raise ProjectionBehind(position, 0)

    app = Starlette(routes=[Route("/c", taking_forms(command, Wish, reach), methods=["POST"])])
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post("/c", data=form)


FORM = {
    "csrf_token": "t",
    "idempotency_key": "k-1",
    "conversation_id": "7",
    "body": "hola & adiós",
    "next": "/inbox/7?unread=true",
}


async def test_a_form_is_the_command_and_leads_back_when_it_can_be_seen() -> None:
    reached: list[int] = []

    answer = await send(FORM, reached)

    assert (303, "/inbox/7?unread=true") == (answer.status_code, answer.headers["Location"])
    assert [48] == reached


async def test_it_leads_back_also_when_the_tables_are_late() -> None:
    assert 303 == (await send(FORM, [], behind=True)).status_code


@pytest.mark.parametrize("header", ["Authorization", "X-Api-Key"])
async def test_with_a_key_a_body_is_json_whatever_curl_calls_it(header: str) -> None:
    """curl -d says that everything is a form."""

    async def command(request: Request) -> Response:
        return Response(await request.body())

    async def reach(position: int, wait_s: float) -> None:
        raise AssertionError("nobody is led back")

    app = Starlette(routes=[Route("/c", taking_forms(command, Wish, reach), methods=["POST"])])
    transport = httpx.ASGITransport(app=app)
    headers = {header: "Bearer k", "Content-Type": "application/x-www-form-urlencoded"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post("/c", content=b'{"conversation_id": 7}', headers=headers)

    assert (200, b'{"conversation_id": 7}') == (answer.status_code, answer.content)


@pytest.mark.parametrize("foreign", ["https://evil.example", "//evil.example", "/\\evil", ""])
async def test_it_leads_to_no_other_site(foreign: str) -> None:
    assert HOME == (await send({**FORM, "next": foreign}, [])).headers["Location"]


@pytest.mark.parametrize(
    ("form", "found"),
    [
        ([("conversation_id", "7")], {"conversation_id": 7}),
        ([("conversation_id", "seven")], {"conversation_id": "seven"}),
        ([("conversation_id", "٧")], {"conversation_id": "٧"}),
        ([("up_to", "12")], {"up_to": 12}),
        ([("up_to", "wamid.x")], {"up_to": "wamid.x"}),
        ([("up_to", "")], {"up_to": None}),
        ([("notify", "true")], {"notify": True}),
        ([("body", "")], {"body": ""}),
        ([("body", "12")], {"body": "12"}),
        ([("assignee", "")], {"assignee": None}),
        ([("labels", "vip"), ("labels", "late"), ("labels", "")], {"labels": ["vip", "late"]}),
        ([("unknown", "x"), ("csrf_token", "t"), ("next", "/")], {"unknown": "x"}),
    ],
    ids=lambda value: urlencode(value) if isinstance(value, list) else "",
)
def test_a_field_becomes_what_the_command_has_for_it(
    form: list[tuple[str, str]], found: dict[str, Any]
) -> None:
    assert found == fields(FormData([*form]), Wish)
