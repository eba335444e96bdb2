"""Facts: what the events of a range speak of, without what they say, to tell of changes."""

from collections.abc import Collection
from typing import LiteralString

from psycopg import AsyncConnection
from psycopg.rows import DictRow, TupleRow, dict_row

# A stream begins with its business number, but for those of an account. An item that gives a person
# more than one name says which message was the first under each, if it had any before: those may
# have been conversations of their own.
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
       (e.data -> 'final') = 'true' as final,
       coalesce(e.data ->> 'wa_id', e.data ->> 'new_wa_id') as wa_id,
       coalesce(e.data ->> 'user_id', e.data ->> 'new_user_id') as user_id,
       case when e.type = 'ContactIdentityChanged' or e.data ?& array['wa_id', 'user_id']
            then array(
       select met.position
         from (values ('/p:' || (e.data ->> 'wa_id')), ('/u:' || (e.data ->> 'user_id')),
                      ('/p:' || (e.data ->> 'old_wa_id')), ('/u:' || (e.data ->> 'old_user_id')),
                      ('/p:' || (e.data ->> 'new_wa_id')), ('/u:' || (e.data ->> 'new_user_id')))
              as known (name)
        cross join lateral (
              select f.position from log.events f
               where f.stream = split_part(e.stream, '/', 1) || known.name
                 and f.position < e.position
                 and f.type in ('MessageReceived', 'MessageSent', 'MessageImported',
                                'StatusChanged')
               order by f.position limit 1) met) end as met
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
