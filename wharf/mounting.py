"""Mounting: what stands about the endpoints of the web application, and makes routes of them."""

from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp

import read_api.pages.routes
import read_api.routes
from read_api.pages import static
from read_api.reading import Reading
from wharf import sign_in
from wharf.access import Asked, Doors, guarded, guarded_page
from wharf.access_log import AccessLog
from wharf.forms import taking_forms
from wharf.key_routes import SCOPE as KEYS
from wharf.methods import addresses, routes
from wharf.openapi.faults import Endpoint
from wharf.queries import refusing_queries
from write_side.idempotency import Idempotency

BODY_BYTES_MAX = 1024 * 1024


def in_both_spellings(path: str, app: ASGIApp) -> list[Route]:
    """With the last slash and without."""
    return [Route(path, app), Route(path.rstrip("/"), app)]


def guarded_routes(
    endpoints: Sequence[Endpoint],
    doors: Doors,
    reading: Reading,
    idempotency: Idempotency,
) -> list[Route]:
    """What takes a key or a session; commands take forms, and can be repeated."""

    def asked(each: Endpoint) -> Asked:
        if each.method == "GET":
            return each.endpoint
        # Answers are remembered for a day, and a new key or link is shown once and never kept.
        once = each.endpoint if each.scope == KEYS else idempotency.around(each.endpoint)
        return refusing_queries(taking_forms(once, each.body, reading.reach))

    return [
        route
        for address in addresses(endpoints)
        for route in routes(
            address,
            {
                method: guarded(asked(each), each.scope, doors)
                for method, each in address.endpoints.items()
            },
            _around(address.path),
        )
    ]


def sign_in_routes(pages: sign_in.SignIn) -> list[Route]:
    table = [
        (sign_in.PATH, "GET", pages.show),
        (sign_in.PATH, "POST", pages.enter),
        (sign_in.OUT_PATH, "POST", pages.leave),
    ]
    return [
        Route(path, endpoint, methods=[method], middleware=_around(path))
        for path, method, endpoint in table
    ]


def page_routes(pages: Sequence[read_api.routes.Endpoint], doors: Doors) -> list[Route]:
    """What people look at, and what it is made of."""
    return [
        Route("/", read_api.pages.routes.go_home),
        Route(f"{static.PREFIX}{{name:path}}", static.get_static),
        *(
            Route(
                each.path,
                guarded_page(each.endpoint, each.scope, doors),
                methods=[each.method],
                middleware=_around(each.path),
            )
            for each in pages
        ),
    ]


def _around(route: str) -> tuple[Middleware, ...]:
    """What every route but the webhook has about it."""
    return (
        Middleware(AccessLog, route=route),
        Middleware(RequestBodyLimitMiddleware, max_body_size=BODY_BYTES_MAX),
    )
