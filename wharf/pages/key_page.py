"""/keys: what programs ask with; a new one is shown once."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from read_api.pages.asking import Api
from read_api.pages.rendering import page
from read_api.routes import Endpoint
from wharf.key_answers import key_answer
from wharf.key_routes import SCOPE
from wharf.keys import KeyRefused, Limits, NewKey, new_key
from wharf.pages.forms import Refused, field, fields, status_of
from wharf.people import People, refuse_to_give
from wharf.scopes import NUMBERED_SCOPES, granted

PATH = "/keys"
NAME_CHARACTERS_MAX = 200

# In this order, by what people want a key for.
SCOPE_WORDS = {
    "messages:read": "messages and their statuses",
    "conversations:read": "conversations, customers, notes",
    "conversations:write": "mark read, notes, labels, assigning, merging",
    "media:read": "download files",
    "pii:read": "phone numbers in full; without it only their ends",
    "stats:read": "statistics",
    "stream:read": "what changes, as it happens",
    "exports:create": "whole lists as files",
    "raw:read": "Meta's POSTs, byte for byte",
    "events:read": "the log: deliveries, handshakes, events",
    "projections:admin": "rebuild and verify views, deal with poison",
    "keys:admin": "keys and users",
}
ENDS = (("30", "in 30 days"), ("90", "in 90 days"), ("365", "in a year"), ("", "never"))
USUAL_END = "90"


def key_pages(people: People, api: Api) -> list[Endpoint]:
    """`api` is asked which business numbers there are."""
    table = [
        (PATH, "GET", _show),
        (PATH, "POST", _add),
        (f"{PATH}/{{id}}/revoke", "POST", _revoke),
    ]
    return [
        Endpoint(path, method, SCOPE, partial(endpoint, people, api))
        for path, method, endpoint in table
    ]


async def _show(people: People, api: Api, request: Request) -> Response:
    return await _page(people, api, request)


async def _add(people: People, api: Api, request: Request) -> Response:
    """A key as the form describes it; its secret is on the page and nowhere else."""
    form = await request.form()
    try:
        key = _wanted(form)
    except KeyRefused as error:
        part = error.errors[0]["pointer"].lstrip("/")
        return await _page(people, api, request, form, Refused(422, part, str(error)))
    gives = granted(key.scopes)
    refuse_to_give(request, gives & NUMBERED_SCOPES if key.limits.phone_number_ids else gives)
    await people.add_key(key)
    return await _page(people, api, request, made=key)


def _wanted(form: FormData) -> NewKey:
    """Raises KeyRefused."""
    name = field(form, "name").strip()
    if len(name) > NAME_CHARACTERS_MAX:
        raise KeyRefused("name", f"has more than {NAME_CHARACTERS_MAX} characters")
    days = field(form, "days")
    if days not in dict(ENDS):
        raise KeyRefused("expires_at", "has to be one of those to choose from")
    limits = Limits(
        datetime.now(UTC) + timedelta(days=int(days)) if days else None,
        fields(form, "phone_number_ids"),
        field(form, "networks").replace(",", " ").split(),
    )
    return new_key(name, fields(form, "scopes"), limits)


async def _revoke(people: People, api: Api, request: Request) -> Response:
    await people.revoke_key(request.path_params["id"])
    return RedirectResponse(PATH, 303)


async def _page(
    people: People,
    api: Api,
    request: Request,
    form: FormData | None = None,
    refused: Refused | None = None,
    made: NewKey | None = None,
) -> Response:
    keys = [key_answer(key) for key in reversed(await people.keys())]
    numbers: list[dict[str, Any]] = []
    if api.may(request, "numbers/"):
        numbers = (await api(request, "numbers/"))["numbers"]
    context = {
        "refused": refused,
        "valid": [key for key in keys if key["state"] == "valid"],
        "over": [key for key in keys if key["state"] != "valid"],
        "numbers": numbers,
        "scope_words": [
            (scope, words) for scope, words in SCOPE_WORDS.items() if scope in request.auth.scopes
        ],
        "ends": ENDS,
        "made": made,
        "origin": people.origin(request),
        # What was filled in stays, when it has to be mended.
        "filled": {
            "name": field(form, "name") if form else "",
            "scopes": fields(form, "scopes") if form else [],
            "phone_number_ids": fields(form, "phone_number_ids") if form else [],
            "networks": field(form, "networks") if form else "",
            "days": field(form, "days") if form else USUAL_END,
        },
    }
    return page(request, "keys.html", context, status=status_of(refused))
