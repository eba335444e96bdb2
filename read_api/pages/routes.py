"""Every address that answers with a page, with the scope that it takes."""

from collections.abc import Iterable
from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from read_api.pages.asking import Api
from read_api.pages.inbox import PATH, show_inbox
from read_api.routes import Endpoint


def pages(endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    """The pages over the API's endpoints; their paths have no slash at the end."""
    api = Api(endpoints)
    inbox = partial(show_inbox, api)
    table = [
        (PATH, "conversations:read", inbox),
        (f"{PATH}/{{id}}", "conversations:read", inbox),
    ]
    return [Endpoint(path, "GET", scope, endpoint) for path, scope, endpoint in table]


async def go_home(request: Request) -> Response:
    """GET /: the inbox is where people work."""
    return RedirectResponse(PATH, 303)
