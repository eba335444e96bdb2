"""Messages: what each counts as, whatever of it comes first, and however often."""

from typing import LiteralString

from projections.stats.people import PERSON

FILES: LiteralString = """
with said as (
    select i.media_id, i.phone_number_id, bool_or(i.type = 'MediaStored') as stored,
           max(i.position) filter (where i.type = 'MediaFailed') as failed_position,
           max(i.position) filter (where i.type = 'MediaRequested') as requested_position
      from stats_items i
     where i.type in ('MediaStored', 'MediaFailed', 'MediaRequested')
     group by i.media_id, i.phone_number_id
), noted as (
    insert into counted_files as f (media_id, phone_number_id, stored, failed_position, final,
                                    expired, requested_position)
    select s.media_id, s.phone_number_id, s.stored, s.failed_position, i.final,
           i.reason = 'expired', s.requested_position
      from said s
      left join stats_items i on i.position = s.failed_position
        on conflict (media_id, phone_number_id) do update
       set stored = f.stored or excluded.stored,
           failed_position = greatest(f.failed_position, excluded.failed_position),
           final = case when excluded.failed_position > coalesce(f.failed_position, 0)
                        then excluded.final else f.final end,
           expired = case when excluded.failed_position > coalesce(f.failed_position, 0)
                          then excluded.expired else f.expired end,
           requested_position = greatest(f.requested_position, excluded.requested_position)
    returning f.media_id, f.phone_number_id
)
insert into stats_refiled (media_id, phone_number_id)
select n.media_id, n.phone_number_id from noted n
"""

TOUCH: LiteralString = """
insert into stats_touched
select i.message_id, i.phone_number_id, min(i.filed_by), bool_or(i.incoming), min(i.content),
       min(i.occurred_at) filter (where i.content is not null),
       min(i.received_at) filter (where i.content is not null),
       min(i.occurred_at), min(i.received_at), max(i.step),
       min(array[(extract(epoch from i.occurred_at) * 1000000)::bigint, i.position])
           filter (where i.step = 2)
  from stats_items i
 where i.filed_by is not null
 group by i.message_id, i.phone_number_id
"""

# Messages whose file is another now, and those of all whose people were worked out anew: whoever a
# message was counted for is an identity of theirs.
TOUCH_ALSO: LiteralString = """
insert into stats_touched (message_id, phone_number_id)
select also.message_id, also.phone_number_id
  from (
    select m.message_id, m.phone_number_id
      from stats_refiled f
     cross join lateral (
           select k.message_id, k.phone_number_id from counted_messages k
            where k.media_id = f.media_id and k.phone_number_id = f.phone_number_id
           offset 0) m
    union
    select m.message_id, m.phone_number_id
      from stats_kin f
     cross join lateral (
           select k.message_id, k.phone_number_id from counted_messages k
            where k.person = f.stream
           union all
           select k.message_id, k.phone_number_id from counted_messages k
            where k.person > f.stream || '#' and k.person < f.stream || '$'
           offset 0) m
  ) also
 where not exists (
       select from stats_touched t
        where t.message_id = also.message_id and t.phone_number_id = also.phone_number_id)
"""

# What the row `m` of counted_messages counts as.
_COUNTED: LiteralString = """
       m.person, m.counted_at,
       date_bin(interval '15 minutes', m.counted_at, timestamptz 'epoch'),
       m.phone_number_id, m.direction, coalesce(m.message_type, ''),
       case when m.direction = 'in' then ''
            else (array['accepted', 'sent', 'failed', 'delivered', 'read', 'played',
                        'deleted'])[m.step + 1] end,
       case when m.direction = 'out' and m.step = 2 then coalesce(m.error_code, -1) else -1 end,
       coalesce(m.media_state, '')
"""

COUNTED_BEFORE: LiteralString = (
    "insert into stats_changes select -1,"
    + _COUNTED
    + """
  from stats_touched t
 cross join lateral (
       select k.person, k.counted_at, k.phone_number_id, k.direction, k.message_type, k.step,
              k.error_code, k.media_state
         from counted_messages k
        where k.message_id = t.message_id and k.phone_number_id = t.phone_number_id
        limit 1) m
"""
)

# What the batch says of each message, merged with what is known of it, and what it counts as from
# then on. Every merge gives the same whatever comes first.
STORE: LiteralString = (
    """
with stored as (
insert into counted_messages as c (
    phone_number_id, message_id, filed_by, person, direction, content, message_type, media_id,
    media_state, sent_at, received_at, counted_at, step, first_failure, error_code)
select n.phone_number_id, n.message_id, n.filed_by, p.person, n.direction, n.content,
       n.message_type, n.media_id,
       case when f.final and not f.stored and f.failed_position > coalesce(f.requested_position, 0)
            then case when f.expired then 'expired' else 'failed' end end,
       n.sent_at, n.received_at, least(n.sent_at, n.received_at), n.step, n.first_failure,
       n.error_code
  from (
    select t.phone_number_id, t.message_id,
           least(t.filed_by, m.filed_by) as filed_by,
           case when t.incoming or m.direction = 'in' then 'in' else 'out' end as direction,
           least(t.content, m.content) as content,
           case when t.content < coalesce(m.content, 9223372036854775807)
                then best.message_type else m.message_type end as message_type,
           case when t.content < coalesce(m.content, 9223372036854775807)
                then best.media_id else m.media_id end as media_id,
           case when m.content is not null then least(t.own_time, m.sent_at)
                else coalesce(t.own_time, least(t.first_time, m.sent_at)) end as sent_at,
           case when m.content is not null then least(t.own_received_at, m.received_at)
                else coalesce(t.own_received_at, least(t.first_received_at, m.received_at))
           end as received_at,
           greatest(t.step, m.step) as step,
           least(t.first_failure, m.first_failure) as first_failure,
           case when t.first_failure < coalesce(m.first_failure, array[9223372036854775807])
                then case when failure.error ->> 'code' ~ '^[0-9]{1,9}$'
                          then (failure.error ->> 'code')::integer end
                else m.error_code end as error_code
      from stats_touched t
      left join lateral (
           select k.filed_by, k.direction, k.content, k.message_type, k.media_id, k.sent_at,
                  k.received_at, k.step, k.first_failure, k.error_code
             from counted_messages k
            where k.message_id = t.message_id and k.phone_number_id = t.phone_number_id
            limit 1) m on true
      left join stats_items best
        on best.position = t.content & ((1::bigint << 60) - 1) and best.content is not null
      left join stats_items failure
        on failure.position = t.first_failure[2] and failure.step = 2
  ) n
 cross join lateral (select substr(n.filed_by, 2) as stream, n.sent_at as at) x
"""
    + PERSON
    + """
  left join lateral (
       select k.stored, k.failed_position, k.final, k.expired, k.requested_position
         from counted_files k
        where k.media_id = n.media_id and k.phone_number_id = n.phone_number_id
        limit 1) f on true
    on conflict (message_id, phone_number_id) do update
   set filed_by = excluded.filed_by,
       person = excluded.person,
       direction = excluded.direction,
       content = excluded.content,
       message_type = excluded.message_type,
       media_id = excluded.media_id,
       media_state = excluded.media_state,
       sent_at = excluded.sent_at,
       received_at = excluded.received_at,
       counted_at = excluded.counted_at,
       step = excluded.step,
       first_failure = excluded.first_failure,
       error_code = excluded.error_code
returning c.person, c.counted_at, c.phone_number_id, c.direction, c.message_type, c.step,
          c.error_code, c.media_state
)
insert into stats_changes select 1,
"""
    + _COUNTED
    + " from stored m"
)

ENTITLE: LiteralString = """
insert into error_titles as t (error_code, error_title)
select (i.error ->> 'code')::integer, min(i.error ->> 'title')
  from stats_items i
 where i.step = 2 and i.error ->> 'code' ~ '^[0-9]{1,9}$' and i.error ->> 'title' is not null
 group by 1
    on conflict (error_code) do update
   set error_title = excluded.error_title
 where excluded.error_title < t.error_title
"""
