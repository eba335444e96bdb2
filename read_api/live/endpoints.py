"""GET stream/ and GET changes/: what has changed, as it happens and in pages."""

from collections.abc import Awaitable, Callable, Collection

from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.answers import answer
from read_api.errors import NotFound, ProjectionBehind
from read_api.live.changes import Changes
from read_api.live.hub import Hub
from read_api.live.kinds import FILE, KINDS, STREAM_KINDS, USUAL_KINDS, kinds_parser
from read_api.live.response import EventStream
from read_api.live.stream import Stream, Wish
from read_api.masking import may_know
from read_api.models.change import ChangeList
from read_api.reading import Answers

LIMIT_DEFAULT = 200
LIMIT_MAX = 1_000
# A page that finds little of what is asked for looks no further than this.
SCANNED_MAX = 20_000

AFTER = parameters.position.about("The position after which to begin.")

STREAM_PARAMETERS: dict[str, parameters.Parser] = {
    "conversation": parameters.position.about("Only what is about this conversation."),
    "types": kinds_parser(STREAM_KINDS),
    "after": AFTER,
}
CHANGES_PARAMETERS: dict[str, parameters.Parser] = {
    "after": AFTER,
    "types": kinds_parser(KINDS),
    "limit": parameters.whole_number(1, LIMIT_MAX).about(
        f"How many changes, {LIMIT_DEFAULT} if not given."
    ),
    **parameters.FRESHNESS,
}


async def get_stream(hub: Hub, request: Request) -> Response:
    """Server-sent events from `Last-Event-ID` on, else from `after`, else from now.

    Raises NotFound for a conversation that there is not, TooManyStreams and StoreUnavailable.
    """
    values = parameters.parse(request.query_params.multi_items(), STREAM_PARAMETERS)
    last = request.headers.get("Last-Event-ID")
    after = values.get("after") if not last else parameters.position("Last-Event-ID", last)
    numbers = allowed_numbers(request)
    conversation = values.get("conversation")
    if conversation is not None:
        await _check_conversation(hub.changes, conversation, numbers)
    wish = Wish(
        values.get("types", USUAL_KINDS),
        conversation,
        numbers,
        may_know(request),
        after,
        bool(last),
    )
    stream = Stream(hub, await hub.join(), wish, may_go_on(request))
    return EventStream(stream, hub.high)


async def list_changes(changes: Changes, request: Request) -> Response:
    """A page of changes after a position, oldest first; never beyond what the tables have.

    Whoever has a position that the log has not come to is told to begin anew.
    """
    values = parameters.parse(request.query_params.multi_items(), CHANGES_PARAMETERS)
    after, limit = values.get("after", 0), values.get("limit", LIMIT_DEFAULT)
    kinds, numbers = values.get("types", KINDS), allowed_numbers(request)
    try:
        reached = await changes.reached(parameters.freshness(request, values))
    except ProjectionBehind as behind:
        # Who waits for the next one would wait until the log has come so far with other events.
        resync = await changes.are_beyond(after, behind.current)
        if not resync:
            raise
        reached = await changes.reached()
    else:
        resync = await changes.are_beyond(after, reached.inbox)
    end = reached.files if FILE in kinds else reached.inbox
    to = min(end, after + SCANNED_MAX)
    facts = await changes.facts(after, to, limit, kinds, numbers)
    # What is there once is there for ever: read again, a page has the same changes.
    last = facts[-1]["position"] if len(facts) == limit else max(to, after)
    next_after = 0 if resync else last
    found, _, position = await changes.placed(facts, reached.inbox)
    items = [one.content for one in found if one.kind in kinds]
    content: ChangeList = {
        "count": len(items),
        "changes": items,
        "next_after": next_after,
        "has_more": next_after < end,
        "resync": resync,
        "position": position,
    }
    return answer(request, content, Answers([], position))


async def _check_conversation(changes: Changes, id_: int, numbers: Collection[str] | None) -> None:
    _, current, _ = await changes.placed([], 0, [id_])
    if id_ not in current or (numbers is not None and current[id_].number not in numbers):
        raise NotFound("conversation")


def allowed_numbers(request: Request) -> Collection[str] | None:
    """The business numbers that the caller may see; None for all."""
    numbers: Collection[str] | None = getattr(request.scope.get("auth"), "numbers", None)
    return numbers


def may_go_on(request: Request) -> Callable[[], Awaitable[bool]]:
    """Asks whether the caller would be let in once more; without a door there is nobody to ask."""
    user = request.scope.get("user")
    asked: Callable[[], Awaitable[bool]] = request.scope.get(
        "still_allowed", getattr(user, "still_good", _yes)
    )
    return asked


async def _yes() -> bool:
    return True
