"""GET conversations/{id}/: one conversation, as in the list, now or as it was."""

import re
from datetime import UTC, datetime

from psycopg.sql import SQL
from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.answers import answer
from read_api.conversation_list import CONVERSATIONS, LAST_MESSAGES, MESSAGES, MESSAGES_DEFAULT
from read_api.conversation_lookup import CONVERSATION
from read_api.conversation_rows import conversation
from read_api.errors import NotFound
from read_api.etags import changed_at, tagged
from read_api.message_rows import COLUMNS, JOINS, message, messages_query
from read_api.models.conversation import Conversation
from read_api.parser import Parser
from read_api.pasts import Pasts, as_of, asked_as_of
from read_api.reading import Answers, Query, Reading

PARAMETERS: dict[str, Parser] = {
    "messages": MESSAGES,
    "as_of": as_of,
    **parameters.FRESHNESS,
}

_PAGE = SQL("select c.id from conversations c where c.id in ({})").format(SQL(CONVERSATION))
BY_ID = CONVERSATIONS.format(page=_PAGE, by=SQL("order by c.id"))
LAST_MESSAGES_BY_ID = LAST_MESSAGES.format(page=_PAGE, columns=SQL(COLUMNS), joins=SQL(JOINS))


def queries(id_: int, messages: int) -> list[Query]:
    """One message at least: what the conversation's last one was is always told."""
    values = {"id": id_, "messages": max(messages, 1)}
    return [Query(BY_ID, values), messages_query(LAST_MESSAGES_BY_ID, values)]


async def get_conversation(reading: Reading, pasts: Pasts, request: Request) -> Response:
    """By its id, or by one from before a merge: the answer's `id` is the one that counts."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    if "as_of" not in values:
        return await current_conversation(reading, request)
    id_ = asked_conversation(request)
    messages = values.get("messages", MESSAGES_DEFAULT)
    now = Query(CONVERSATION, {"id": id_})
    asked = await asked_as_of(
        pasts,
        reading,
        values["as_of"],
        "conversation",
        now,
        parameters.freshness(request, values),
    )
    answers = await asked.answers(queries(id_, messages), ids=[id_])
    content = _conversation(answers, messages, asked.moment.at)
    # Its ETag has no position to give a command on: that must be about what is now.
    return tagged(request, answer(request, content, answers))


async def current_conversation(reading: Reading, request: Request) -> Response:
    """As it is now."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    id_ = asked_conversation(request)
    messages = values.get("messages", MESSAGES_DEFAULT)
    answers = await reading.read(queries(id_, messages), parameters.freshness(request, values))
    content = _conversation(answers, messages, datetime.now(UTC))
    place = {"Content-Location": f"/api/whatsapp/conversations/{content['id']}/"}
    headers = {} if content["id"] == id_ else place
    name = changed_at(answers.version, content["position"])
    return tagged(request, answer(request, content, answers, headers), name)


def _conversation(answers: Answers, messages: int, at: datetime) -> Conversation:
    found, last = answers.rows
    if not found:
        raise NotFound("conversation")
    return conversation(found[0], [message(row) for row in last], messages, at)


def asked_conversation(request: Request) -> int:
    """Out of the path. Raises NotFound for what can't be an id."""
    text: str = request.path_params["id"]
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise NotFound("conversation")
    return int(text)
