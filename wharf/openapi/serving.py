"""GET /api/openapi.json: the document, made once.

It takes no key: it holds no data, says nothing that the source does not, and tools that read such
documents (generators, Swagger UI) have no place for one. It is made when somebody asks for it
first: a service that starts is waited for, and making the document takes half a second.
"""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import NamedTuple

import anyio.to_thread
import orjson
from starlette.requests import Request
from starlette.responses import Response

from read_api.routes import Endpoint as Question
from wharf.openapi.document import document
from wharf.openapi.faults import Endpoint
from wharf.openapi.webhook import webhook

PATH = "/api/openapi.json"


class _Written(NamedTuple):
    content: bytes
    etag: str


def openapi_endpoint(guarded: Sequence[Endpoint], open_: Sequence[Endpoint]) -> Question:
    """The endpoint that tells of all of these, and of itself."""

    @cache
    def written() -> _Written:
        content = orjson.dumps(document(guarded, [*open_, itself], webhook()))
        return _Written(content, f'"{sha256(content).hexdigest()[:32]}"')

    async def get_document(request: Request) -> Response:
        content, etag = await anyio.to_thread.run_sync(written)
        headers = {
            "ETag": etag,
            "Cache-Control": "no-cache",
            # Pages of others may read it: there is nothing in it that is not public.
            "Access-Control-Allow-Origin": "*",
        }
        if etag in request.headers.get("If-None-Match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type="application/json")

    itself = Question(
        PATH, "GET", "", get_document, summary="This document", answer="application/json"
    )
    return itself
