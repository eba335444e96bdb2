"""GET messages/{id}/raw/ and deliveries/{id}/raw/: the exact bytes of the POST that brought it."""

from typing import LiteralString
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.delivery_detail import delivery_id
from read_api.errors import NotFound, PersonalDataHidden
from read_api.ledger import Ledger, Original
from read_api.masking import SCOPE, may_know
from read_api.message_detail import asked_message
from read_api.reading import Query, Reading

# The POST that brought the content; where none did, or the content came of translating a stored
# delivery again, the one behind the first event of the message.
BY_ID: LiteralString = """
select m.id, m.delivery_id, m.pointer from messages m where m.id = %(id)s
"""
BY_WAMID: LiteralString = """
select m.id, m.delivery_id, m.pointer
  from messages m
 where m.message_id = %(id)s
 order by m.id
 limit 1
"""


async def get_message_raw(ledger: Ledger, reading: Reading, request: Request) -> Response:
    """By our id or by Meta's (a wamid)."""
    values = parameters.parse(request.query_params.multi_items(), parameters.FRESHNESS)
    _refuse_who_may_not_know(request)
    asked = asked_message(request)
    query = Query(BY_ID if isinstance(asked, int) else BY_WAMID, {"id": asked})
    answers = await reading.read([query], parameters.freshness(request, values))
    if not answers.rows[0]:
        raise NotFound("message")
    (row,) = answers.rows[0]
    if row["delivery_id"] is None:
        original = await ledger.original_of(row["id"])
    else:
        original = await ledger.original(row["delivery_id"], row["pointer"] or "")
    if original is None:
        raise NotFound("POST: the message came by none")
    return _bytes(original, answers.position)


async def get_delivery_raw(ledger: Ledger, request: Request) -> Response:
    """By the id of the delivery."""
    parameters.parse(request.query_params.multi_items(), {})
    _refuse_who_may_not_know(request)
    original = await ledger.original(delivery_id(request))
    if original is None:
        raise NotFound("delivery")
    return _bytes(original, original.position)


def _refuse_who_may_not_know(request: Request) -> None:
    """Bytes can't be masked."""
    if not may_know(request):
        raise PersonalDataHidden(SCOPE)


def _bytes(original: Original, position: int) -> Response:
    """Whoever wrote to the business wrote these bytes: no browser may take them for a page."""
    return Response(
        original.body,
        media_type="application/json",
        headers={
            "X-Log-Position": str(position),
            "X-Delivery-Id": str(original.delivery_id),
            # A key of somebody's choice may be in it; slashes and the escape of RFC 6901 stay.
            "X-Item-Pointer": quote(original.pointer, safe="/~"),
            "X-Body-SHA256": original.sha256.hex(),
            "X-Signature-Verified": "true",
            "X-Signature-Secret": original.secret,
            "Content-Disposition": f'attachment; filename="delivery-{original.delivery_id}.json"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "no-store",
        },
    )
