"""What every answer to a caller says, beside what its endpoint makes it say."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

# What an endpoint says itself stands: a file may be kept, and asked after each time.
DEFAULTS = (
    (b"cache-control", b"no-store"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


def complete(request: Request, response: Response) -> None:
    """Add them, and what is left of the caller's quota, if that was counted."""
    quota: Mapping[str, str] = getattr(request.state, "answer_headers", {})
    left = ((name.lower().encode(), value.encode()) for name, value in quota.items())
    # In bytes, as they are sent: by its names in any case it would be asked for each header.
    said = {name for name, _ in response.raw_headers}
    response.raw_headers.extend(each for each in (*DEFAULTS, *left) if each[0] not in said)
