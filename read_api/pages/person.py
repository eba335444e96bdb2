"""Who a customer is: all that they were known by, and who else may be the same person."""

from typing import Any

from starlette.requests import Request

from read_api.errors import InvalidParameter, NotFound
from read_api.pages.asking import Api

CANDIDATES_MAX = 8

Answer = dict[str, Any]


async def context(api: Api, request: Request, id_: str, find: str | None) -> Answer:
    """`person` is None for a group. Who may be the same is looked for by the name, or by `find`."""
    try:
        person = await api(request, "customers/{id}/", id=id_)
    except NotFound:
        return {"person": None}
    wanted = find or person["display_name"] or ""
    return {
        "person": person,
        "find": find,
        "candidates": await _candidates(api, request, person, wanted),
    }


async def _candidates(api: Api, request: Request, person: Answer, wanted: str) -> list[Answer]:
    """Of the same business number: only they can be merged."""
    query = [
        ("q", wanted),
        ("phone_number_id", person["phone_number_id"]),
        ("limit", str(CANDIDATES_MAX + 1)),
    ]
    try:
        found = await api(request, "customers/", [pair for pair in query if pair[1]])
    except InvalidParameter:
        # A name of one letter, or of signs alone, is nothing to look for.
        return []
    others = [each for each in found["customers"] if each["id"] != person["id"]]
    return others[:CANDIDATES_MAX] if wanted else []
