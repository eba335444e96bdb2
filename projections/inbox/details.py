"""Details: what our people say of a conversation, kept under the id that it had then.

The id of a conversation is that of a message, so whatever is learnt later, what was said goes with
that message: a merge brings together what was said of both, and the latest of each thing counts.
"""

from typing import LiteralString

# One look for a batch: most hold nothing of ours.
ANY_SAID: LiteralString = """
select exists (
    select from batch b
     where b.message_id is null
       and b.type in ('ConversationRead', 'ConversationMarkedUnread', 'NoteAdded', 'NoteEdited',
                      'NoteDeleted', 'CustomerDetailsChanged', 'ConversationAssigned',
                      'ConversationStateChanged', 'LabelsChanged'))
"""

# How far a conversation was read is the furthest, everything else what was said last. An empty
# text takes a detail away.
STORE_DETAILS: LiteralString = """
insert into details as d (filed_under, name, key, conversation_id, value, id, stream)
select s.filed_under, s.name, s.key, m.conversation_id, s.value, s.id, s.stream
  from (
    select distinct on (b.filed_under, said.name, said.key)
           b.filed_under, said.name, said.key, said.value, b.position as id, b.stream
      from (select k.position, k.stream, k.type, k.data,
                   (k.data ->> 'conversation_id')::bigint as filed_under
              from batch k
             where k.message_id is null
               and k.type in ('ConversationRead', 'ConversationMarkedUnread',
                              'CustomerDetailsChanged', 'ConversationAssigned',
                              'ConversationStateChanged', 'LabelsChanged')) b
     cross join lateral (
           select 'read' as name, '' as key, b.data -> 'up_to' as value
            where b.type = 'ConversationRead'
           union all
           select 'unread', '', 'true' where b.type = 'ConversationMarkedUnread'
           union all
           select 'assignee', '', b.data -> 'assignee' where b.type = 'ConversationAssigned'
           union all
           select 'state', '', jsonb_build_array(b.data -> 'state', b.data -> 'until')
            where b.type = 'ConversationStateChanged'
           union all
           select 'label', l.name, 'true'
             from jsonb_array_elements_text(b.data -> 'added') as l(name)
           union all
           select 'label', l.name, null
             from jsonb_array_elements_text(b.data -> 'removed') as l(name)
           union all
           select k.name, '', nullif(b.data -> k.name, '""')
             from (values ('email'), ('display_name'), ('external_id')) as k(name)
            where b.type = 'CustomerDetailsChanged' and b.data ? k.name
           union all
           select 'attribute', a.key, a.value from jsonb_each(b.data -> 'attributes') as a
           union all
           select 'attribute', a.key, null
             from jsonb_array_elements_text(b.data -> 'removed_attributes') as a(key)) said
     order by b.filed_under, said.name, said.key,
              case when said.name = 'read' then said.value end desc, b.position desc
  ) s
  left join lateral (
       select k.conversation_id from messages k where k.id = s.filed_under limit 1) m on true
    on conflict (filed_under, name, key) do update
   set value = excluded.value,
       id = excluded.id,
       stream = excluded.stream
 where case when excluded.name = 'read'
            then (excluded.value, excluded.id) > (d.value, d.id) else excluded.id > d.id end
"""

# Those that the batch speaks of, whatever their id was when it was said.
_NEWS: LiteralString = """
with news as (
    select distinct m.conversation_id
      from (select distinct (b.data ->> 'conversation_id')::bigint as id
              from batch b
             where b.message_id is null and b.data ? 'conversation_id') s
     cross join lateral (
           select k.conversation_id from messages k where k.id = s.id limit 1) m
     where m.conversation_id is not null
)
"""

_FOLD: LiteralString = """
update conversations c
   set (assignee, state_said, state_id, snoozed_until, labels, marked_unread, customer_email,
        display_name, external_id, attributes, notes_count, said_id) = (
       select max(d.value #>> '{}') filter (where d.name = 'assignee'),
              coalesce(max(d.value ->> 0) filter (where d.name = 'state'), 'open'),
              coalesce(max(d.id) filter (where d.name = 'state'), 0),
              max((d.value ->> 1)::timestamptz) filter (where d.name = 'state'),
              coalesce(array_agg(d.key order by d.key)
                       filter (where d.name = 'label' and d.value is not null), '{}'),
              coalesce(max(d.id) filter (where d.name = 'unread') > coalesce((
                  select max(k.value::bigint) from details k
                   where k.conversation_id = c.id and k.name = 'read'), 0), false),
              max(d.value #>> '{}') filter (where d.name = 'email'),
              max(d.value #>> '{}') filter (where d.name = 'display_name'),
              max(d.value #>> '{}') filter (where d.name = 'external_id'),
              coalesce(jsonb_object_agg(d.key, d.value)
                       filter (where d.name = 'attribute' and d.value is not null), '{}'),
              (select count(*) from notes o
                where o.conversation_id = c.id and o.deleted_at is null),
              greatest(max(d.id), (select max(o.changed_id) from notes o
                                    where o.conversation_id = c.id), 0)
         from (select distinct on (k.name, k.key) k.name, k.key, k.value, k.id
                 from details k
                where k.conversation_id = c.id
                order by k.name, k.key, k.id desc) d)
  from news n
 where c.id = n.conversation_id
"""

FOLD: LiteralString = _NEWS + _FOLD

CARRY_DETAILS: LiteralString = """
update details d
   set conversation_id = r.conversation_id
  from refiled r
 where d.filed_under = r.id and d.conversation_id is distinct from r.conversation_id
"""

FOLD_AGAIN: LiteralString = (
    """
with news as (
    select distinct r.conversation_id from refiled r
     where exists (select from details d where d.conversation_id = r.conversation_id)
        or exists (select from notes o where o.conversation_id = r.conversation_id)
)
"""
    + _FOLD
)
