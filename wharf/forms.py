"""Forms: the commands of the API as a page without script can give them.

A form posts to the command's own address. Its fields become the body that a program would send, and
who sent it is led on to `next` as soon as the read tables show what it did. Of a command that is no
POST the address says so, `?_method=PATCH`: a form can't, and what is in it is read only after it is
known who sends it.
"""

import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel
from starlette.datastructures import FormData, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Message

from read_api.errors import ReadError
from wharf.access import Asked, presented_token
from wharf.forgery import FIELD, FORMS
from wharf.sign_in import local_path

METHOD = "_method"
# What a form of a page can't say, and sends as a POST.
BEYOND_FORMS = frozenset({"PUT", "PATCH", "DELETE"})
NEXT = "next"
IDEMPOTENCY = "idempotency_key"
# What a form has for itself, and the command does not know.
OWN = frozenset({FIELD, NEXT, IDEMPOTENCY})
WAIT_S = 2.0

Reach = Callable[[int, float], Awaitable[None]]


def taking_forms(command: Asked, model: type[BaseModel] | None, reach: Reach) -> Asked:
    """The command, from JSON as it is, and from a form with 303 to where the form says."""

    async def taken(request: Request) -> Response:
        if not _is_form(request):
            return await command(request)
        form = await request.form()
        answer = await command(_as_json(request, form, model))
        # Who looks at once wants to see it; who can't is not told less than the truth later.
        with contextlib.suppress(ReadError):
            await reach(int(answer.headers.get("X-Log-Position", 0)), WAIT_S)
        return RedirectResponse(local_path(str(form.get(NEXT, ""))), 303)

    return taken


def meant_method(request: Request) -> str:
    """The method that the request would have, could its sender say so."""
    named = request.query_params.get(METHOD)
    posted = request.method == "POST" and _is_form(request)
    return named if posted and named in BEYOND_FORMS else request.method


def _is_form(request: Request) -> bool:
    """Not with a key: that is a program's, and curl calls every body a form unless told."""
    if presented_token(request) is not None:
        return False
    kind = request.headers.get("Content-Type", "").partition(";")[0]
    return kind.strip().lower() in FORMS


def _as_json(request: Request, form: FormData, model: type[BaseModel] | None) -> Request:
    """The request that a program would have made of it."""
    body = b"" if model is None else json.dumps(fields(form, model)).encode()
    headers = MutableHeaders(scope={"headers": list(request.scope["headers"])})
    headers["Content-Type"] = "application/json"
    headers["Content-Length"] = str(len(body))
    if form.get(IDEMPOTENCY):
        headers["Idempotency-Key"] = str(form[IDEMPOTENCY])

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({**request.scope, "headers": headers.raw}, receive)


def fields(form: FormData, model: type[BaseModel]) -> dict[str, Any]:
    """The form's fields as the types that the model has for them; everything in a form is text."""
    properties = model.model_json_schema().get("properties", {})
    found: dict[str, Any] = {}
    for name in form:
        if name not in OWN:
            texts = [text for text in form.getlist(name) if isinstance(text, str)]
            found[name] = _value(texts, _types(properties.get(name, {})))
    return found


def _value(texts: list[str], types: set[str]) -> Any:
    text = texts[-1] if texts else ""
    if "array" in types:
        return [each for each in texts if each]
    if text == "" and "null" in types:
        return None
    if "integer" in types and text.isascii() and text.isdigit():
        return int(text)
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    return text


def _types(schema: dict[str, Any]) -> set[str]:
    """What JSON Schema allows; an enumeration of words allows text."""
    alternatives = schema.get("anyOf", [schema])
    return {str(each.get("type", "string")) for each in alternatives}
