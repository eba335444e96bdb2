"""GET deliveries/refused/ and handshakes/: who knocked at the webhook, without what they said."""

from typing import Any

from psycopg.rows import DictRow
from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.answers import answer, listed
from read_api.ledger import Kind, Ledger
from read_api.message_rows import milliseconds
from read_api.paging import cut, links, page
from read_api.reading import Answers, Reading

# What write_side calls a handshake that was right.
VERIFIED = "verified"

PARAMETERS: dict[str, parameters.Parser] = {
    "limit": parameters.limit,
    "cursor": parameters.word,
}


async def list_refused(ledger: Ledger, reading: Reading, request: Request) -> Response:
    """A page of the latest POSTs that were not taken, newest first."""
    return await _list(ledger, reading, request, "delivery", "refused")


async def list_handshakes(ledger: Ledger, reading: Reading, request: Request) -> Response:
    """A page of the latest handshakes, right and wrong, newest first."""
    return await _list(ledger, reading, request, "handshake", "handshakes")


async def _list(
    ledger: Ledger, reading: Reading, request: Request, kind: Kind, name: str
) -> Response:
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    asked = page(kind, values, (), reading.cursor_key, "-at")
    found, counts = await ledger.attempts(kind, asked)
    shown = cut(asked, found.rows, ("at",), reading.cursor_key)
    answers = Answers([], found.position)
    rows = [_attempt(row, kind) for row in shown.rows]
    content = {**listed(name, rows, shown, answers), "counts": counts}
    return answer(request, content, answers, links(request, shown))


def _attempt(row: DictRow, kind: Kind) -> dict[str, Any]:
    common = {
        "id": row["id"],
        "at": milliseconds(row["at"]),
        "reason": row["reason"],
        "network": row["network"],
    }
    if kind == "handshake":
        return {**common, "verified": row["reason"] == VERIFIED}
    return {**common, "body_bytes": row["body_bytes"]}
