"""How often a message came, and since when it counts as read: what only the log remembers."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

# The delivery that a message came out of, and those that brought it once more. A delivery whose
# bytes came several times counts each of them.
BROUGHT: LiteralString = """
select d.id, d.attempts
  from log.deliveries d
 where d.id = %(delivery_id)s
    or d.id = any (array(
       select i.delivery_id
         from log.delivery_items i
        where i.position = any (array(
              select e.position
                from log.events e
               where e.delivery_id = %(delivery_id)s
                 and e.data ->> 'message_id' = %(message_id)s))))
 order by d.id
"""

# Each mark is in one of the streams of the conversation that was read, and names all that it is
# for; it never reaches further than itself.
READ_AT: LiteralString = """
select found.occurred_at
  from unnest(%(streams)s::text[]) as s(stream)
 cross join lateral (
       select e.position, e.occurred_at
         from log.current e
        where e.stream = s.stream and e.position > %(position)s
          and e.type = 'ConversationRead'
          and e.data -> 'streams' ? %(stream)s
          and (e.data ->> 'up_to')::bigint >= %(position)s
        order by e.position
        limit 1) found
 order by found.position
 limit 1
"""


async def brought_by(
    conn: AsyncConnection[TupleRow], delivery_id: int, message_id: str
) -> list[tuple[int, int]]:
    """The deliveries that had the message, each with how often its bytes came."""
    values = {"delivery_id": delivery_id, "message_id": message_id}
    return [(row[0], row[1]) for row in await (await conn.execute(BROUGHT, values)).fetchall()]


async def read_at(
    conn: AsyncConnection[TupleRow], streams: Sequence[str], stream: str, position: int
) -> datetime | None:
    """When what stands at the position of the stream was marked read first.

    `streams` are those of its conversation.
    """
    values = {"streams": list(streams), "stream": stream, "position": position}
    row = await (await conn.execute(READ_AT, values)).fetchone()
    return None if row is None else row[0]
