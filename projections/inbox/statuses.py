"""Statuses, reactions and revisions: what is said of a message, which may come later or never."""

from typing import LiteralString

# The earliest of a status counts: the same step reported again later says nothing new.
STORE_STATUSES: LiteralString = """
insert into statuses as s (
    id, phone_number_id, message_id, status, participant, recipient_number, recipient_user_id,
    group_id, "timestamp", received_at, sorted_at, error_code, error_title, error_message,
    error_details, errors, pricing, conversation, callback_data, delivery_id, pointer)
select distinct on (b.message_id, b.status, participant.name, b.phone_number_id)
       b.position, b.phone_number_id, b.message_id, b.status, participant.name,
       coalesce(b.wa_id, b.data ->> 'participant_wa_id'),
       coalesce(b.user_id, b.data ->> 'participant_user_id'),
       b.data ->> 'group_id', b.occurred_at, b.received_at, least(b.occurred_at, b.received_at),
       case when e.error ->> 'code' ~ '^[0-9]{1,9}$' then (e.error ->> 'code')::integer end,
       e.error ->> 'title', e.error ->> 'message', e.error ->> 'details',
       b.data -> 'errors', b.data -> 'pricing', b.data -> 'conversation',
       b.data ->> 'callback_data', b.delivery_id, b.pointer
  from batch b
 cross join lateral (select coalesce(b.data ->> 'participant', '') as name) participant
 cross join lateral (select b.data -> 'errors' -> 0 as error) e
 where b.type = 'StatusChanged'
 order by b.message_id, b.status, participant.name, b.phone_number_id, b.occurred_at, b.position
    on conflict (message_id, status, participant, phone_number_id) do update
   set recipient_number = excluded.recipient_number,
       recipient_user_id = excluded.recipient_user_id,
       group_id = excluded.group_id,
       "timestamp" = excluded.timestamp,
       received_at = excluded.received_at,
       sorted_at = excluded.sorted_at,
       error_code = excluded.error_code,
       error_title = excluded.error_title,
       error_message = excluded.error_message,
       error_details = excluded.error_details,
       errors = excluded.errors,
       pricing = excluded.pricing,
       conversation = excluded.conversation,
       callback_data = excluded.callback_data,
       delivery_id = excluded.delivery_id,
       pointer = excluded.pointer,
       id = excluded.id
 where (excluded.timestamp, excluded.id) < (s.timestamp, s.id)
"""

# The latest of a person's reactions to a message counts.
STORE_REACTIONS: LiteralString = """
insert into reactions as r (phone_number_id, message_id, reactor, emoji, reacted_at, id)
select distinct on (target.id, reactor.name, b.phone_number_id)
       b.phone_number_id, target.id, reactor.name, b.data ->> 'emoji', b.occurred_at, b.position
  from batch b
 cross join lateral (select b.data ->> 'target_message_id' as id) target
 cross join lateral (select case
     when b.data ? 'author' then 'business'
     else coalesce('u:' || b.user_id, 'p:' || b.wa_id, b.stream) end as name) reactor
 where b.type = 'ReactionChanged'
 order by target.id, reactor.name, b.phone_number_id, b.occurred_at desc, b.position desc
    on conflict (message_id, reactor, phone_number_id) do update
   set emoji = excluded.emoji,
       reacted_at = excluded.reacted_at,
       id = excluded.id
 where (excluded.reacted_at, excluded.id) > (r.reacted_at, r.id)
"""

STORE_REVISIONS: LiteralString = """
insert into revisions (id, phone_number_id, message_id, kind, author, text_body, caption, media,
                       revised_at)
select b.position, b.phone_number_id, b.data ->> 'target_message_id',
       case b.type when 'MessageEdited' then 'edited' else 'deleted' end, b.data ->> 'author',
       b.data ->> 'text', b.data ->> 'caption', b.data -> 'media', b.occurred_at
  from batch b
 where b.type in ('MessageEdited', 'MessageRevoked')
    on conflict (id) do nothing
"""
