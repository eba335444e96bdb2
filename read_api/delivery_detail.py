"""GET deliveries/{id}/: one delivery, and what became of each of its items."""

import re

from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.answers import answer
from read_api.delivery_list import delivery
from read_api.errors import NotFound
from read_api.ledger import Ledger
from read_api.models.delivery import Delivery
from read_api.reading import Answers


async def get_delivery(ledger: Ledger, request: Request) -> Response:
    """By its id."""
    parameters.parse(request.query_params.multi_items(), {})
    whole = await ledger.delivery(delivery_id(request))
    if whole is None:
        raise NotFound("delivery")
    content: Delivery = {**delivery(whole.row), "items": whole.items, "position": whole.position}
    return answer(request, content, Answers([], whole.position))


def delivery_id(request: Request) -> int:
    """Out of the path. Raises NotFound for what can be no delivery's id."""
    text = request.path_params["id"]
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise NotFound("delivery")
    return int(text)
