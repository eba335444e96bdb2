"""GET numbers/: the business's own numbers, as far as anybody has written to or from them."""

from typing import LiteralString

from starlette.requests import Request
from starlette.responses import Response

from read_api import parameters
from read_api.answers import answer
from read_api.message_rows import milliseconds
from read_api.models.business_number import BusinessNumberList
from read_api.reading import Query, Reading

# One step along the index for each number: a list of all would read a hundred thousand rows.
NUMBERS: LiteralString = """
with recursive numbers as (
    select min(c.phone_number_id) as phone_number_id
      from conversations c
    union all
    select (select min(c.phone_number_id)
              from conversations c
             where c.phone_number_id > n.phone_number_id)
      from numbers n
     where n.phone_number_id is not null
)
select n.phone_number_id, latest.display_phone_number, latest.last_message_at
  from numbers n
 cross join lateral (
       select c.display_phone_number, c.last_message_at
         from conversations c
        where c.phone_number_id = n.phone_number_id
        order by c.last_message_at desc, c.id desc
        limit 1) latest
 order by n.phone_number_id
"""

PARAMETERS: dict[str, parameters.Parser] = {**parameters.FRESHNESS}


async def list_numbers(reading: Reading, request: Request) -> Response:
    """All of them: a business has few."""
    values = parameters.parse(request.query_params.multi_items(), PARAMETERS)
    answers = await reading.read([Query(NUMBERS, {})], parameters.freshness(request, values))
    rows = answers.rows[0]
    content: BusinessNumberList = {
        "count": len(rows),
        "numbers": [
            {
                "phone_number_id": row["phone_number_id"],
                "display_phone_number": row["display_phone_number"],
                "last_message_at": milliseconds(row["last_message_at"]),
            }
            for row in rows
        ],
        "next_cursor": None,
        "prev_cursor": None,
        "has_more": False,
        "position": answers.position,
    }
    return answer(request, content, answers)
