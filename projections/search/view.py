"""The view `search` put together: a text per message, as its thread shows it."""

from typing import Any, LiteralString

from psycopg import Connection

from events.envelope import Position
from projections.search.tables import INDEXES, TABLES
from projections.view import View

# As in a thread, the latest edit counts.
EDIT: LiteralString = """
insert into text_edits as t (message_id, phone_number_id, edited_at, id, text_body, caption)
select distinct on (e.message_id, e.phone_number_id)
       e.message_id, e.phone_number_id, e.occurred_at, e.position, e.text_body, e.caption
  from (select e.data ->> 'target_message_id' as message_id,
               e.data ->> 'phone_number_id' as phone_number_id,
               e.occurred_at, e.position,
               e.data ->> 'text' as text_body, e.data ->> 'caption' as caption
          from log.current e
         where e.position > %(after)s and e.position <= %(to)s and e.type = 'MessageEdited'
        offset 0) e
 where e.message_id is not null
 order by e.message_id, e.phone_number_id, e.occurred_at desc, e.position desc
on conflict (message_id, phone_number_id) do update
   set edited_at = excluded.edited_at,
       id = excluded.id,
       text_body = excluded.text_body,
       caption = excluded.caption
 where (excluded.edited_at, excluded.id) > (t.edited_at, t.id)
"""

# The best item first, of equals the earliest. Id and time are the least of all items, whatever
# comes first.
FIND: LiteralString = """
insert into texts as t (message_id, phone_number_id, id, sorted_at, content_position, content_rank,
                        text)
select b.message_id, b.phone_number_id, b.id, b.sorted_at, b.position, b.content_rank,
       findable(b.data, v.text_body, v.caption)
  from (
    select distinct on (e.message_id, e.phone_number_id)
           e.message_id, e.phone_number_id, e.position, e.content_rank, e.data,
           min(e.position) over same as id, min(e.sorted_at) over same as sorted_at
      from (
        select e.position, e.data - 'raw' as data,
               e.data ->> 'message_id' as message_id,
               e.data ->> 'phone_number_id' as phone_number_id,
               least(e.occurred_at,
                     coalesce((e.data ->> 'received_at')::timestamptz, e.recorded_at))
                   as sorted_at,
               case when e.type <> 'MessageImported' then 0
                    when e.data ->> 'message_type' = 'media_placeholder' then 2
                    else 1 end as content_rank
          from log.current e
         where e.position > %(after)s and e.position <= %(to)s
           and e.type in ('MessageReceived', 'MessageSent', 'MessageImported')
        offset 0) e
    window same as (partition by e.message_id, e.phone_number_id)
     order by e.message_id, e.phone_number_id, e.content_rank, e.position
  ) b
  left join lateral (
       select k.text_body, k.caption
         from text_edits k
        where k.message_id = b.message_id and k.phone_number_id = b.phone_number_id
        limit 1) v on true
 order by b.id
on conflict (message_id, phone_number_id) do update
   set id = least(t.id, excluded.id),
       sorted_at = least(t.sorted_at, excluded.sorted_at),
       content_position = case when excluded.content_rank < t.content_rank
                               then excluded.content_position else t.content_position end,
       text = case when excluded.content_rank < t.content_rank
                   then excluded.text else t.text end,
       content_rank = least(t.content_rank, excluded.content_rank)
"""

# What an edit leaves as it was is taken from the item once more.
REVISE: LiteralString = """
update texts t
   set text = findable(c.data, v.text_body, v.caption)
  from (select distinct e.data ->> 'target_message_id' as message_id,
                        e.data ->> 'phone_number_id' as phone_number_id
          from log.current e
         where e.position > %(after)s and e.position <= %(to)s and e.type = 'MessageEdited'
        offset 0) n
 cross join lateral (
       select k.text_body, k.caption
         from text_edits k
        where k.message_id = n.message_id and k.phone_number_id = n.phone_number_id
        limit 1) v
 cross join lateral (
       select k.content_position
         from texts k
        where k.message_id = n.message_id and k.phone_number_id = n.phone_number_id
        limit 1) k
 cross join lateral (
       select e.data from log.current e where e.position = k.content_position limit 1) c
 where t.message_id = n.message_id and t.phone_number_id = n.phone_number_id
"""


def apply(conn: Connection[Any], after: Position, to: Position) -> None:
    """Make the rows of the events in (after, to]; inside the caller's transaction."""
    with conn.pipeline():
        for statement in (EDIT, FIND, REVISE):
            conn.execute(statement, {"after": after, "to": to})


# A revoked message is shown as it was, and found so: MessageRevoked is none of its events.
SEARCH = View(
    name="search",
    event_types=("MessageReceived", "MessageSent", "MessageImported", "MessageEdited"),
    tables=TABLES,
    indexes=INDEXES,
    plain_views={},
    apply=apply,
    keys={
        "texts": ("message_id", "phone_number_id"),
        "text_edits": ("message_id", "phone_number_id"),
    },
)
