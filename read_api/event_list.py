"""GET events/ and events/{position}/: the log itself, for who looks after it."""

from functools import lru_cache

from psycopg.rows import DictRow
from starlette.requests import Request
from starlette.responses import Response

from read_api import history, parameters
from read_api.answers import answer
from read_api.errors import InvalidParameter, NotFound
from read_api.ledger import Ledger
from read_api.masking import may_know
from read_api.models.event import EventDetail, EventList, LogEvent
from read_api.parameters import LIMIT_DEFAULT
from read_api.reading import Answers

BEFORE_MAX = 2**63 - 1


@lru_cache(maxsize=1)
def parameters_of(types: tuple[str, ...]) -> dict[str, parameters.Parser]:
    """What can be asked of a log that has events of these types."""
    return {
        "type": parameters.one_of(*types).about("A type of events."),
        "stream": parameters.word.about("A stream, as the events of one say it."),
        "before": parameters.position.about("Only events in front of this position."),
        "limit": parameters.limit,
    }


DETAIL_PARAMETERS: dict[str, parameters.Parser] = {"position": parameters.position}


async def list_events(ledger: Ledger, request: Request) -> Response:
    """A page of events, the newest first."""
    values = parameters.parse(request.query_params.multi_items(), parameters_of(ledger.types))
    known = may_know(request)
    if "stream" in values and not known:
        # It has a number in it, and the answer would say whether that is somebody's.
        raise InvalidParameter("stream", "takes the scope pii:read")
    found = await ledger.events(
        values.get("before", BEFORE_MAX),
        type_=values.get("type"),
        stream=values.get("stream"),
        limit=values.get("limit", LIMIT_DEFAULT),
    )
    content: EventList = {
        "count": len(found.rows),
        "events": [_event(row, known=known) for row in found.rows],
        "next_before": found.next_before,
        "position": found.position,
    }
    return answer(request, content, Answers([], found.position))


async def get_event(ledger: Ledger, request: Request) -> Response:
    """By its position."""
    parameters.parse(request.query_params.multi_items(), {})
    text = request.path_params["position"]
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise NotFound("event")
    found = await ledger.event(int(text))
    if found is None:
        raise NotFound("event")
    row = found.row
    content: EventDetail = {
        **_event(row, known=may_know(request)),
        "cause": None
        if found.cause_type is None
        else {"position": row["causation"], "type": found.cause_type},
        "caused": [{"position": position, "type": type_} for position, type_ in found.caused],
    }
    return answer(request, content, Answers([], found.position))


def _event(row: DictRow, *, known: bool) -> LogEvent:
    return {
        **history.event(row, known=known),
        "stream": row["stream"] if known else None,
        "pointer": row["pointer"],
        "causation": row["causation"],
    }
