"""GET /api/docs: the document for people, by Swagger UI.

It takes no key, as the document does not. What is tried out there goes with the session of whoever
has signed in, or with a key that is typed in.
"""

from starlette.requests import Request
from starlette.responses import Response

from read_api.pages.rendering import page
from read_api.routes import Endpoint


async def show_docs(request: Request) -> Response:
    return page(request, "api_docs.html", {})


DOCS = Endpoint(
    "/api/docs", "GET", "", show_docs, summary="This document for people", answer="text/html"
)
