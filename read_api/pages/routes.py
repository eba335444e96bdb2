"""Every address that answers with a page, with the scope that it takes."""

from collections.abc import Iterable
from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from read_api.pages import (
    exports,
    inbox,
    message,
    messages,
    ops,
    ops_deliveries,
    ops_events,
    replay,
    stats,
)
from read_api.pages.asking import Api
from read_api.routes import Endpoint


def pages(endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    """The pages over the API's endpoints; their paths have no slash at the end."""
    api = Api(endpoints)
    show_inbox = partial(inbox.show_inbox, api)
    table = [
        (inbox.PATH, "conversations:read", show_inbox),
        (f"{inbox.PATH}/{{id}}", "conversations:read", show_inbox),
        (messages.PATH, "messages:read", partial(messages.list_page, api)),
        # A wamid is base64, which has slashes.
        (f"{messages.PATH}/{{id:path}}", "messages:read", partial(message.show_message, api)),
        (stats.PATH, stats.SCOPE, partial(stats.show_stats, api)),
        (exports.PATH, exports.SCOPE, partial(exports.show_exports, api)),
        (ops.PATH, ops.SCOPE, partial(ops.show_ops, api)),
        (ops_deliveries.PATH, ops.SCOPE, partial(ops_deliveries.list_page, api)),
        (
            f"{ops_deliveries.PATH}/{{id}}",
            ops.SCOPE,
            partial(ops_deliveries.show_delivery, api),
        ),
        (replay.PATH, ops.SCOPE, partial(replay.choose, api)),
        (f"{replay.PATH}/{{id}}", ops.SCOPE, partial(replay.show_replay, api)),
        (ops_events.PATH, ops.SCOPE, partial(ops_events.list_page, api)),
        (f"{ops_events.PATH}/{{position}}", ops.SCOPE, partial(ops_events.show_event, api)),
    ]
    return [Endpoint(path, "GET", scope, endpoint) for path, scope, endpoint in table]


async def go_home(request: Request) -> Response:
    """GET /: the inbox is where people work."""
    return RedirectResponse(inbox.PATH, 303)
