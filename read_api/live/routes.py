"""The addresses that tell of changes."""

from functools import partial

from read_api.live import endpoints
from read_api.live.hub import Hub
from read_api.models.change import ChangeList
from read_api.routes import Endpoint, get

EVENT_STREAM = "text/event-stream"


def live_routes(hub: Hub) -> list[Endpoint]:
    return [
        get(
            "stream/",
            "stream:read",
            partial(endpoints.get_stream, hub),
            summary="What changes, as it happens",
            parameters=endpoints.STREAM_PARAMETERS,
            answer=EVENT_STREAM,
            problems=("not-found", "too-many-streams"),
        ),
        get(
            "changes/",
            "stream:read",
            partial(endpoints.list_changes, hub.changes),
            summary="What has changed, oldest first",
            parameters=endpoints.CHANGES_PARAMETERS,
            answer=ChangeList,
        ),
    ]
