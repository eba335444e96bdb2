"""The addresses that tell of changes."""

from functools import partial

from read_api.live.endpoints import get_stream, list_changes
from read_api.live.hub import Hub
from read_api.routes import PREFIX, Endpoint


def live_routes(hub: Hub) -> list[Endpoint]:
    return [
        Endpoint(PREFIX + "stream/", "GET", "stream:read", partial(get_stream, hub)),
        Endpoint(PREFIX + "changes/", "GET", "stream:read", partial(list_changes, hub.changes)),
    ]
