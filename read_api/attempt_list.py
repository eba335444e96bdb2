"""GET deliveries/refused/ and handshakes/: who knocked at the webhook, without what they said."""

from operator import itemgetter

from psycopg.rows import DictRow
from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.answers import answer, ends
from read_api.ledger import Kind, Ledger
from read_api.message_rows import milliseconds
from read_api.models.attempt import (
    Attempt,
    HandshakeAttempt,
    HandshakeList,
    ReasonCount,
    RefusedAttempt,
    RefusedList,
)
from read_api.paging import Cut, cut, links, page
from read_api.reading import Answers, Reading

# What write_side calls a handshake that was right.
VERIFIED = "verified"

PARAMETERS: dict[str, parameters.Parser] = {
    "limit": parameters.limit,
    "cursor": parameters.cursor,
}


async def list_refused(ledger: Ledger, reading: Reading, request: Request) -> Response:
    """A page of the latest POSTs that were not taken, newest first."""
    shown, counts, answers = await _page(ledger, reading, request, "delivery")
    rows = [_refused(row) for row in shown.rows]
    content: RefusedList = {
        "count": len(rows),
        "refused": rows,
        **ends(shown, answers),
        "counts": counts,
    }
    return answer(request, content, answers, links(request, shown))


async def list_handshakes(ledger: Ledger, reading: Reading, request: Request) -> Response:
    """A page of the latest handshakes, right and wrong, newest first."""
    shown, counts, answers = await _page(ledger, reading, request, "handshake")
    rows = [_handshake(row) for row in shown.rows]
    content: HandshakeList = {
        "count": len(rows),
        "handshakes": rows,
        **ends(shown, answers),
        "counts": counts,
    }
    return answer(request, content, answers, links(request, shown))


async def _page(
    ledger: Ledger, reading: Reading, request: Request, kind: Kind
) -> tuple[Cut, list[ReasonCount], Answers]:
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    asked = page(kind, values, (), reading.cursor_key, "-at")
    found, counts = await ledger.attempts(kind, asked)
    shown = cut(asked, found.rows, itemgetter("at", "id"), reading.cursor_key)
    return shown, [_count(row) for row in counts], Answers([], found.position)


def _count(row: DictRow) -> ReasonCount:
    return {
        "reason": row["reason"],
        "this_hour": row["this_hour"],
        "last_day": row["last_day"],
        "last_30_days": row["last_30_days"],
    }


def _refused(row: DictRow) -> RefusedAttempt:
    return {**_attempt(row), "body_bytes": row["body_bytes"]}


def _handshake(row: DictRow) -> HandshakeAttempt:
    return {**_attempt(row), "verified": row["reason"] == VERIFIED}


def _attempt(row: DictRow) -> Attempt:
    return {
        "id": row["id"],
        "at": milliseconds(row["at"]),
        "reason": row["reason"],
        "network": row["network"],
    }
