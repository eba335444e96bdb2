"""GET deliveries/: every verified POST, and how it ended."""

from operator import itemgetter

from psycopg.rows import DictRow
from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.answers import answer, ends
from read_api.fields import fields_of, selected
from read_api.ledger import Ledger
from read_api.message_rows import milliseconds
from read_api.models.delivery import DeliveryFacts, DeliveryList, ListedDelivery
from read_api.paging import cut, links, page
from read_api.reading import Answers, Reading

OUTCOMES = ("stored", "duplicate", "ignored", "quarantined")

PARAMETERS: dict[str, parameters.Parser] = {
    "outcome": parameters.one_of(*OUTCOMES),
    "from": parameters.moment,
    "to": parameters.moment,
    "tz": parameters.zone,
    "sort": parameters.one_of("-received_at", "received_at"),
    "limit": parameters.limit,
    "fields": fields_of(ListedDelivery),
    "cursor": parameters.cursor,
}


async def list_deliveries(ledger: Ledger, reading: Reading, request: Request) -> Response:
    """A page of deliveries, the last received first unless asked otherwise."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    parameters.half_open(values, "from", "to")
    asked = page(
        "deliveries", values, ("outcome", "from", "to"), reading.cursor_key, "-received_at"
    )
    found = await ledger.deliveries(asked)
    shown = cut(asked, found.rows, itemgetter("received_at", "id"), reading.cursor_key)
    answers = Answers([], found.position)
    rows = [_listed(row) for row in shown.rows]
    content: DeliveryList = {
        "count": len(rows),
        "deliveries": selected(rows, values.get("fields")),
        **ends(shown, answers),
    }
    return answer(request, content, answers, links(request, shown))


def _listed(row: DictRow) -> ListedDelivery:
    return {
        **delivery(row),
        "items": {
            "stored": row["stored"],
            "duplicate": row["duplicate"],
            "ignored": row["ignored"],
            "quarantined": row["quarantined"],
        },
    }


def delivery(row: DictRow) -> DeliveryFacts:
    """The delivery itself. Only what was verified is stored, so its signature was right."""
    return {
        "id": row["id"],
        "received_at": milliseconds(row["received_at"]),
        "outcome": row["outcome"],
        "body_bytes": row["body_bytes"],
        "sha256": bytes(row["sha256"]).hex(),
        "signature": {"verified": True, "secret": row["secret"]},
        "attempts": row["attempts"],
        "last_attempt_at": milliseconds(row["last_attempt_at"]),
    }
