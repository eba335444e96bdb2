"""GET messages/{id}/explain/: the events that made a message, and which last set each field."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from read_api import numbers, parameters
from read_api.answers import answer
from read_api.errors import NotFound
from read_api.message_detail import BY_ID, BY_WAMID, asked_message
from read_api.message_rows import message, messages_query, milliseconds
from read_api.models.explanation import ExplainedEvent, Explanation
from read_api.parser import Parser
from read_api.pasts import Ask, Cause, Pasts, as_of, asked_as_of
from read_api.reading import Answers, Query, Reading

PARAMETERS: dict[str, Parser] = {"as_of": as_of, **parameters.FRESHNESS}


async def explain_message(reading: Reading, pasts: Pasts, request: Request) -> Response:
    """By our id or by Meta's (a wamid). Raises NotFound."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    asked = asked_message(request)
    first = Query(BY_ID if isinstance(asked, int) else BY_WAMID, {"id": asked})
    freshness = parameters.freshness(request, values)
    if "as_of" in values:
        past = await asked_as_of(pasts, reading, values["as_of"], "message", first, freshness)
        id_, answers = past.id, Answers([], past.moment.position)
    else:
        answers = await reading.read([first], freshness)
        if not answers.rows[0]:
            raise NotFound("message")
        id_ = answers.rows[0][0]["id"]

    fields, causes = await pasts.causes(id_, answers.position, numbers.allowed())
    if not fields:
        raise NotFound("message")
    content: Explanation = {
        "count": len(causes),
        "id": id_,
        "conversation_id": _whole(fields["conversation_id"]),
        "events": [_event(cause) for cause in causes],
        "fields": [
            {"field": name, "position": cause.position}
            for name in fields
            for cause in causes
            if name in cause.last_set
        ],
        "position": answers.position,
    }
    return answer(request, content, answers)


def fields_of_message(ask: Ask, id_: int) -> Mapping[str, object]:
    """Those of GET messages/{id}/ as in a list; none if it is not there."""
    rows = ask(messages_query(BY_ID, {"id": id_}))
    return dict(message(rows[0])) if rows else {}


def _event(cause: Cause) -> ExplainedEvent:
    return {
        "position": cause.position,
        "type": cause.type,
        "version": cause.version,
        "occurred_at": milliseconds(cause.occurred_at),
        "recorded_at": milliseconds(cause.recorded_at),
        "delivery_id": cause.delivery_id,
        "pointer": cause.pointer,
        "actor": cause.actor,
        "last_set": list(cause.last_set),
    }


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
