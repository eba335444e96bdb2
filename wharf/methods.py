"""Methods: all endpoints of one address behind one route, so that Allow names every one of them.

Starlette has a route per method, and of several it says in a 405 what the first one takes.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wharf.access import Asked
from wharf.forms import BEYOND_FORMS, meant_method
from wharf.openapi.faults import Endpoint

# HEAD of an answer that does not end would not end either.
ENDLESS = "text/event-stream"


class Address(NamedTuple):
    """A path and its endpoints, by their methods."""

    path: str
    endpoints: dict[str, Endpoint]

    @property
    def methods(self) -> list[str]:
        """Those that are answered, OPTIONS and (as a GET without its content) HEAD among them."""
        get = self.endpoints.get("GET")
        head = [] if get is None or get.answer == ENDLESS else ["HEAD"]
        return sorted([*self.endpoints, *head, "OPTIONS"])


def addresses(endpoints: Iterable[Endpoint]) -> list[Address]:
    """In the order of the first endpoint of each; what is longer comes first there."""
    place: dict[str, int] = {}
    for number, endpoint in enumerate(endpoints := list(endpoints)):
        place.setdefault(endpoint.path, number)
    ordered = sorted(endpoints, key=lambda endpoint: place[endpoint.path])
    return [
        Address(path, {endpoint.method: endpoint for endpoint in same})
        for path, same in groupby(ordered, key=lambda endpoint: endpoint.path)
    ]


def routes(
    address: Address, asked: Mapping[str, Asked], middleware: Sequence[Middleware] = ()
) -> list[Route]:
    """With and without the last slash; `asked` has the endpoints as they stand behind their doors.

    OPTIONS takes no key: what it says stands in the document, too.
    """
    answer = _dispatch(address, asked)
    paths = (address.path, address.path.rstrip("/"))
    found = [Route(path, answer, methods=address.methods, middleware=middleware) for path in paths]
    for route in found:
        # It adds HEAD to every GET.
        assert route.methods is not None
        route.methods.intersection_update(address.methods)
    if "POST" not in address.endpoints and BEYOND_FORMS & address.endpoints.keys():
        # Not one of the address's methods to anybody else, so a route by itself.
        found += [
            Route(path, answer, methods=["POST"], middleware=middleware, include_in_schema=False)
            for path in paths
        ]
    return found


def _dispatch(address: Address, asked: Mapping[str, Asked]) -> Asked:
    allow = {"Allow": ", ".join(address.methods)}

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=allow)
        method = "GET" if request.method == "HEAD" else meant_method(request)
        if method not in asked:
            raise HTTPException(405, headers=allow)
        if method != "GET":
            request.scope["method"] = method
        return await asked[method](request)

    return answer
