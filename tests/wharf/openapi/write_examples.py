"""Writes wharf/openapi/examples.json from what the service answers on the demo's day.

    python -m tests.wharf.openapi.write_examples

Of all answers of one model it takes the one that says most, with lists cut to a few items.
"""

import asyncio
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import orjson

from tests.wharf.openapi.places import addresses, places
from tests.wharf.openapi.schemas import answer_schema, ends, named_schema, operations
from tests.wharf.openapi.world import asking, make_world, projecting
from wharf.postgres.supervisor import EmbeddedPostgres
from wharf.schema import apply_schema
from write_side.routes import WEBHOOK

TARGET = Path(__file__).parents[3] / "wharf" / "openapi" / "examples.json"
LISTS_MAX = 2


async def examples(client: httpx.AsyncClient) -> dict[str, Any]:
    """Answers by the names of their models; the commands come last, since they change things."""
    document = (await client.get("/api/openapi.json")).json()
    there = await places(client)
    found: dict[str, Any] = {}
    for method, path, operation in sorted(operations(document), key=lambda one: one[0] != "get"):
        if path == WEBHOOK or not ends(operation):
            continue
        if method != "get" and path.startswith("/api/admin/"):
            # These go on after they were answered, and have examples written by hand.
            continue
        bodies: list[Any] = [None]
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            shown = named_schema(document, schema).get("examples", [None])
            bodies = [real(each, there) for each in shown]
        for address, body in product(addresses(path, there), bodies):
            answer = await client.request(method, address, json=body)
            status = answer.status_code
            if status >= 400 or not answer.headers["Content-Type"].endswith("/json"):
                continue
            schema = answer_schema(operation, status) or {}
            name = schema.get("$ref", "").rpartition("/")[2]
            if name:
                found[name] = max(found.get(name), cut(answer.json()), key=length)
    return found


def real(body: Any, there: dict[str, list[str]]) -> Any:
    """The body with conversations and customers that there are."""
    if not isinstance(body, dict):
        return body
    known = {"conversation_id": there["conversations"][0], "customer_id": there["customers"][1]}
    return body | {key: int(id_) for key, id_ in known.items() if key in body}


def cut(value: Any) -> Any:
    """With the first items of each list only; a count says how many are there."""
    if isinstance(value, list):
        return [cut(item) for item in value[:LISTS_MAX]]
    if not isinstance(value, dict):
        return value
    shorter = {key: cut(item) for key, item in value.items()}
    lists = [item for item in shorter.values() if isinstance(item, list)]
    if "count" in shorter and "next_cursor" in shorter:
        shorter["count"] = len(lists[0])
    return shorter


def length(value: Any) -> int:
    return len(orjson.dumps(value))


async def main(url: str) -> None:
    world = await make_world(url)
    with projecting(url):
        async with asking(world) as client:
            found = await examples(client)
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    # What the day does not show was written by hand, and stays.
    TARGET.write_bytes(orjson.dumps(orjson.loads(TARGET.read_bytes()) | found, option=options))


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory(prefix="wharf-examples-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as conninfo,
    ):
        apply_schema(conninfo)
        asyncio.run(main(conninfo))
