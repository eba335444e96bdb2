"""What every answer to a caller says, beside what its endpoint makes it say."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

# What an endpoint says itself stands: a file may be kept, and asked after each time.
DEFAULTS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def complete(request: Request, response: Response) -> None:
    """Add them, and what is left of the caller's quota, if that was counted."""
    for name, value in {**DEFAULTS, **getattr(request.state, "answer_headers", {})}.items():
        response.headers.setdefault(name, value)
