"""Ids of what is there, by the first word of the path that takes them."""

import re
from urllib.parse import quote

import httpx

from tests.wharf.openapi.world import ask


async def places(client: httpx.AsyncClient) -> dict[str, list[str]]:
    messages = (await ask(client, "messages/", limit=200))["messages"]
    return {
        "messages": [str(each["id"]) for each in messages]
        + [quote(each["message_id"], safe="") for each in messages[:3]],
        "conversations": await _ids(client, "conversations"),
        "customers": await _ids(client, "conversations"),
        "deliveries": await _ids(client, "deliveries"),
        "projections": ["inbox"],
        "media": [
            quote(each["media_id"], safe="")
            for each in (await ask(client, "media/", limit=200))["media"]
        ],
    }


async def _ids(client: httpx.AsyncClient, thing: str) -> list[str]:
    answer = await ask(client, f"{thing}/", limit=200)
    return [str(each["id"]) for each in answer[thing]]


def addresses(path: str, found: dict[str, list[str]]) -> list[str]:
    """All that a path with places in it may stand for."""
    names = re.findall(r"\{(\w+)\}", path)
    if not names:
        return [path]
    (name,) = names
    thing = path.split("/")[3]
    return [path.replace(f"{{{name}}}", value) for value in found.get(thing, ["1"])]
