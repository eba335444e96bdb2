"""Facts: what the events of a range speak of, without what they say, to tell of changes."""

from collections.abc import Collection
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.rows import DictRow, TupleRow, dict_row

# A stream begins with its business number, but for those of an account.
FACTS: LiteralString = """
select e.position, e.type, e.stream, e.occurred_at, e.recorded_at,
       nullif(split_part(e.stream, '/', 1), '') as phone_number_id,
       coalesce(e.data ->> 'target_message_id', e.data ->> 'message_id') as message_id,
       case jsonb_typeof(e.data -> 'conversation_id')
            when 'number' then (e.data -> 'conversation_id')::bigint end as conversation_id,
       (e.data -> 'other_conversation_id')::bigint as other_conversation_id,
       (e.data -> 'merge')::bigint as merge,
       e.data -> 'other_person' ->> 'stream' as other_stream,
       (e.data -> 'other_person' ->> 'at')::timestamptz as other_at,
       e.data ->> 'direction' as direction, e.data ->> 'status' as status,
       e.data ->> 'media_id' as media_id, e.data ->> 'reason' as reason,
       (e.data -> 'final') = 'true' as final
  from log.current e
 where e.position > %(after)s and e.position <= %(to)s
   and e.type = any(%(types)s)
   and (%(numbers)s::text[] is null or split_part(e.stream, '/', 1) = any(%(numbers)s))
 order by e.position
 limit %(limit)s
"""


async def read_facts(
    conn: AsyncConnection[TupleRow],
    after: int,
    to: int,
    *,
    types: Collection[str],
    numbers: Collection[str] | None,
    limit: int,
) -> list[DictRow]:
    """Of the events in (after, to] that are of these types, oldest first, at most `limit`.

    With `numbers`, only those on these business numbers.
    """
    values = {
        "after": after,
        "to": to,
        "types": sorted(types),
        "numbers": None if numbers is None else sorted(numbers),
        "limit": limit,
    }
    async with conn.cursor(row_factory=dict_row, binary=True) as cursor:
        await cursor.execute(FACTS, values)
        return await cursor.fetchall()
