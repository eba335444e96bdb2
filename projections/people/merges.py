"""Merges: two people are one because somebody of ours said so, until it is undone."""

from typing import LiteralString

# A merge is known by its position, which its end names: so whichever of the two is applied first,
# the outcome is the same, and another merge of the same people is another row. Both streams get a
# row in IDENTITIES, so that a link which comes later is noticed.
STORE_MERGES: LiteralString = """
with said as (
    select case when b.type = 'ConversationsMerged' then b.position
                else (b.data ->> 'merge')::bigint end as id,
           b.position, b.type = 'ConversationsUnmerged' as undone, b.occurred_at,
           (select e.actor from log.events e where e.position = b.position) as actor,
           b.data -> 'person' ->> 'stream' as stream,
           (b.data -> 'person' ->> 'at')::timestamptz as at,
           b.data -> 'other_person' ->> 'stream' as other_stream,
           (b.data -> 'other_person' ->> 'at')::timestamptz as other_at
      from ITEMS b
     where b.type in ('ConversationsMerged', 'ConversationsUnmerged')
), stored as (
    insert into MERGES as m (id, stream, at, other_stream, other_at, merged_at, merged_by,
                             undone_position, undone_at, undone_by)
    select s.id, min(s.stream), min(s.at), min(s.other_stream), min(s.other_at),
           min(s.occurred_at) filter (where not s.undone),
           min(s.actor) filter (where not s.undone),
           min(s.position) filter (where s.undone),
           (array_agg(s.occurred_at order by s.position) filter (where s.undone))[1],
           (array_agg(s.actor order by s.position) filter (where s.undone))[1]
      from said s
     group by s.id
        on conflict (id) do update
       set merged_at = coalesce(m.merged_at, excluded.merged_at),
           merged_by = coalesce(m.merged_by, excluded.merged_by),
           undone_position = least(m.undone_position, excluded.undone_position),
           undone_at = case when excluded.undone_position > m.undone_position then m.undone_at
                            else coalesce(excluded.undone_at, m.undone_at) end,
           undone_by = case when excluded.undone_position > m.undone_position then m.undone_by
                            else coalesce(excluded.undone_by, m.undone_by) end
), streams as (
    select s.stream from said s
    union select s.other_stream from said s
), noticed as (
    insert into IDENTITIES (identity)
    select s.stream from streams s
        on conflict do nothing
)
insert into MOVED (stream) select s.stream from streams s
"""
