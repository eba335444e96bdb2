"""The document: every endpoint that programs use."""

from collections.abc import Iterable
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import orjson

from wharf.openapi.components import Components
from wharf.openapi.faults import Endpoint
from wharf.openapi.operations import HEADERS, SECURITY, Operations, path_of

DESCRIPTION = """\
Where WhatsApp webhooks land and nothing gets lost: messages, statuses and conversations to read,
and commands on them.

Every path is answered without its last slash, too. An unknown parameter or a bad value is refused
and named, so nothing that was asked is ignored. Every answer says in `X-Log-Position` how far the
read tables were; send the `position` that a command answered as `X-Min-Position`, and the answer
has what the command did. Errors are problem documents (RFC 9457) whose `type` is a page. Without
the scope `pii:read` phone numbers are masked, and Meta's message ids, which hold them, are null.
"""

EXAMPLES = "examples.json"


def document(
    guarded: Iterable[Endpoint], open_: Iterable[Endpoint] = (), extra: dict[str, Any] | None = None
) -> dict[str, Any]:
    """OpenAPI 3.1; `extra` are operations by path and method that were written by hand."""
    components = Components()
    operations = Operations(components, examples())
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in guarded:
        paths.setdefault(path_of(endpoint), {})[endpoint.method.lower()] = operations.guarded(
            endpoint
        )
    for endpoint in open_:
        paths.setdefault(path_of(endpoint), {})[endpoint.method.lower()] = operations.open(endpoint)
    paths |= extra or {}
    tags = {tag for path in paths.values() for one in path.values() for tag in one["tags"]}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wharf",
            "version": version("wharf"),
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in sorted(tags)],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(components.schemas.items())),
            "securitySchemes": SECURITY,
            "headers": HEADERS,
        },
    }


def examples() -> dict[str, Any]:
    """Real answers by the names of their models; `tools/examples.py` writes them."""
    found: dict[str, Any] = orjson.loads(files("wharf.openapi").joinpath(EXAMPLES).read_bytes())
    return found
