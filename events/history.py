"""History: everything that the log has of some streams, in order of record."""

from collections.abc import Collection

from psycopg import AsyncConnection
from psycopg.rows import DictRow, TupleRow, dict_row
from psycopg.sql import SQL, Composed

# A few of each stream off its index, and then those of all of them.
_HISTORY = SQL("""
select e.position as id, e.position, e.type, e.version, e.stream, e.occurred_at, e.recorded_at,
       e.delivery_id, e.actor, own.dedupe as event_id,
       split_part(e.stream, '/', 1) as phone_number_id,
       coalesce(e.data ->> 'target_message_id', e.data ->> 'message_id') as message_id,
       case jsonb_typeof(e.data -> 'conversation_id')
            when 'number' then (e.data -> 'conversation_id')::bigint end as conversation_id,
       e.data -> 'other_person' ->> 'stream' as other_stream,
       (e.data -> 'other_person' ->> 'at')::timestamptz as other_at,
       (select k.name from ops.api_keys k
         where e.actor like 'key:%%' and k.id = substr(e.actor, 5)) as key_name,
       e.data - array['raw', 'streams', 'other_streams'] as data
  from (
    select found.position
      from unnest(%(streams)s::text[]) as s(stream)
     cross join lateral (
           select i.position
             from log.events i
            where i.stream = s.stream and i.position <= %(up_to)s {after}
              and (%(types)s::text[] is null or i.type = any(%(types)s))
            order by i.position {way}
            limit %(rows)s) found
     order by found.position {way}
     limit %(rows)s) page
  join log.current e on e.position = page.position
  join log.events own on own.position = page.position
 order by e.position {way}
""")

_AFTER = {True: SQL("and i.position < %(place)s"), False: SQL("and i.position > %(place)s")}
_WAY = {True: SQL("desc"), False: SQL("asc")}


def statement(descending: bool, placed: bool) -> Composed:
    after = _AFTER[descending] if placed else SQL("")
    return _HISTORY.format(after=after, way=_WAY[descending])


async def read_history(
    conn: AsyncConnection[TupleRow],
    streams: Collection[str],
    *,
    up_to: int,
    place: int | None,
    descending: bool,
    types: Collection[str] | None,
    rows: int,
) -> list[DictRow]:
    """Events of the streams up to a position, on from the place, which is left out."""
    values: dict[str, object] = {
        "streams": sorted(streams),
        "up_to": up_to,
        "place": place,
        "types": None if types is None else sorted(types),
        "rows": rows,
    }
    async with conn.cursor(row_factory=dict_row, binary=True) as cursor:
        await cursor.execute(statement(descending, place is not None), values)
        return await cursor.fetchall()
