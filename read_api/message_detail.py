"""GET messages/{id}/: one message with everything that became of it, by now or by then."""

import re
from typing import LiteralString

from psycopg.rows import DictRow
from psycopg.sql import SQL
from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.answers import answer
from read_api.errors import NotFound
from read_api.etags import tagged
from read_api.history import STREAMS
from read_api.ledger import Ledger
from read_api.message_rows import (
    COLUMNS,
    JOINS,
    Row,
    message,
    messages_query,
    milliseconds,
    seconds,
)
from read_api.models.message import MessageDetail, MessageVersion, StatusStep
from read_api.parser import Parser
from read_api.pasts import Pasts, as_of, asked_as_of
from read_api.reading import Query, Reading, Rows
from read_api.status_list import status_error

_BY = SQL("""
select {columns}
  from (select m.id from messages m where {where} order by m.id limit 1) page
  join messages m on m.id = page.id
  {joins}
""")
BY_ID = _BY.format(columns=SQL(COLUMNS), joins=SQL(JOINS), where=SQL("m.id = %(id)s"))
# Two business numbers can know the same wamid (a group): the one that heard of it first.
BY_WAMID = _BY.format(columns=SQL(COLUMNS), joins=SQL(JOINS), where=SQL("m.message_id = %(id)s"))

TIMELINE: LiteralString = """
select s.id, s.status, s.participant, s."timestamp", s.received_at, s.error_code, s.error_title,
       s.error_message, s.error_details, s.errors, s.pricing, s.conversation, s.delivery_id
  from statuses s
 where s.message_id = %(message_id)s and s.phone_number_id = %(phone_number_id)s
 order by s.sorted_at, s.id
"""

REVISIONS: LiteralString = """
select v.id, v.kind, v.text_body, v.caption, v.media, v.revised_at
  from revisions v
 where v.message_id = %(message_id)s and v.phone_number_id = %(phone_number_id)s
 order by v.revised_at, v.id
"""

# Whose streams may have its mark, and the one that it is marked in.
PLACE: LiteralString = """
select substr(m.filed_by, 2) as stream, m.direction = 'in' and m.read as is_read
  from messages m
 where m.id = %(id)s
"""

PARAMETERS: dict[str, Parser] = {"as_of": as_of, **parameters.FRESHNESS}


async def get_message(ledger: Ledger, reading: Reading, pasts: Pasts, request: Request) -> Response:
    """By our id or by Meta's (a wamid)."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    asked = asked_message(request)
    first = Query(BY_ID if isinstance(asked, int) else BY_WAMID, {"id": asked})
    freshness = parameters.freshness(request, values)

    def then(found: list[Rows]) -> list[Query]:
        if not found[0]:
            raise NotFound("message")
        names = found[0][0]._asdict()
        return [Query(text, names) for text in (TIMELINE, REVISIONS, PLACE, STREAMS)]

    if "as_of" in values:
        past = await asked_as_of(pasts, reading, values["as_of"], "message", first, freshness)
        answers = await past.answers([messages_query(BY_ID, {"id": past.id})], then)
    else:
        answers = await reading.read([messages_query(*first[:2])], freshness, then)
    (row,), timeline, revisions, (place,), streams = answers.rows
    brought = await _brought_by(ledger, row)
    deliveries = {row.delivery_id, *brought, *(status["delivery_id"] for status in timeline)}
    content: MessageDetail = {
        **message(row),
        "status_timeline": [_step(status) for status in timeline],
        "versions": _versions(row, revisions),
        "delivery_ids": sorted(deliveries - {None}),
        "deliveries": sum(brought.values()),
        "read_by_us_at": await _read_at(ledger, row, place, streams),
    }
    return tagged(request, answer(request, content, answers))


async def _brought_by(ledger: Ledger, row: Row) -> dict[int, int]:
    """How often each delivery came that had the message."""
    if row.delivery_id is None:
        return {}
    return dict(await ledger.brought_by(row.delivery_id, row.message_id))


async def _read_at(ledger: Ledger, row: Row, place: DictRow, streams: Rows) -> str | None:
    if not place["is_read"] or not streams:
        return None
    at = await ledger.read_at(streams[0]["streams"], place["stream"], row.id)
    return None if at is None else milliseconds(at)


def asked_message(request: Request) -> int | str:
    """Our id or a wamid, out of the path. Raises NotFound for what can be neither."""
    text: str = request.path_params["id"].removesuffix("/")
    if re.fullmatch(r"[0-9]{1,18}", text):
        return int(text)
    if re.fullmatch(r"[\x21-\x7e]{1,512}", text):
        return text
    raise NotFound("message")


def _step(status: DictRow) -> StatusStep:
    return {
        "status": status["status"],
        "at": seconds(status["timestamp"]),
        "received_at": milliseconds(status["received_at"]),
        "position": status["id"],
        "participant": status["participant"] or None,
        "error": status_error(status),
        "pricing": status["pricing"],
        "conversation_category": (status["conversation"] or {}).get("origin")
        or (status["pricing"] or {}).get("category"),
    }


def _versions(row: Row, revisions: list[DictRow]) -> list[MessageVersion]:
    """The original and its edits, oldest first; empty for a message that was never edited."""
    edits = [revision for revision in revisions if revision["kind"] == "edited"]
    if not edits:
        return []
    return [
        {
            "text_body": row.text_body,
            "caption": row.caption,
            "at": seconds(row.timestamp),
            "position": row.id,
        },
        *map(_edit, edits),
    ]


def _edit(revision: DictRow) -> MessageVersion:
    return {
        "text_body": revision["text_body"],
        "caption": revision["caption"],
        "at": seconds(revision["revised_at"]),
        "position": revision["id"],
    }
