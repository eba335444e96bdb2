"""A problem as a page, for people; programs get the same as application/problem+json."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from read_api.pages.rendering import page

WHAT_TO_DO = {
    401: "Sign in and come back to this address.",
    403: "Ask somebody who looks after this service for the right to do this.",
    404: "Nothing is here. What was here may have been merged: look in the inbox or search for it.",
    409: "Somebody or something was quicker. Go back, reload, and look again.",
    410: "It was here and is not any more.",
    503: "Nothing is lost: what Meta sends is kept and will be shown. Try again in a moment.",
}


def wants_page(request: Request) -> bool:
    """Whether the answer goes to a person's browser, which is what asks for HTML by name."""
    return "text/html" in request.headers.get("Accept", "")


def problem_page(
    request: Request, content: Mapping[str, Any], headers: Mapping[str, str]
) -> Response:
    """The page of a problem document, with the request's id, which the log has too."""
    status = int(content["status"])
    context = {"problem": content, "advice": WHAT_TO_DO.get(status)}
    return page(request, "problem.html", context, status=status, headers=dict(headers))
