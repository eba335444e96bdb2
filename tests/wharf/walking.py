"""Walking through everything that the application answers to a GET."""

import re
from typing import Any

import httpx
from starlette.routing import Route

# Answers that go on for ever are asked in tests of their own.
ENDLESS = {"/api/whatsapp/stream"}


def get_paths(client: httpx.AsyncClient) -> list[str]:
    """Those of the API with their slash at the end, and the pages; not what needs no key."""
    transport = client._transport
    assert isinstance(transport, httpx.ASGITransport)
    app: Any = transport.app
    paths = [
        route.path
        for route in app.routes
        if isinstance(route, Route) and "GET" in (route.methods or ())
    ]
    asked = [path for path in paths if path.rstrip("/") not in OPEN | ENDLESS]
    with_slash = {path for path in asked if path.endswith("/")}
    return [path for path in dict.fromkeys(asked) if f"{path}/" not in with_slash]


OPEN = {
    "", "/api/whatsapp/webhook", "/sign-in", "/healthz", "/readyz", "/metrics", "/api/openapi.json",
    "/api/docs",
}  # fmt: skip


def filled(path: str, ids: dict[str, list[str]]) -> list[str]:
    """All addresses that a path with places in it stands for; pages show conversations."""
    names = re.findall(r"\{(\w+)(?::\w+)?\}", path)
    if not names:
        return [path]
    thing = path.split("/")[3] if path.startswith("/api/") else path.split("/")[1]
    known = ids.get({"inbox": "conversations"}.get(thing, thing), ["1"])
    return [re.sub(r"\{.*?\}", value, path) for value in known]
