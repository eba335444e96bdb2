"""The floor of catch-up: one set-based pass by hand, which knows that nothing comes later.

Three statements read the log and fill tables of the inbox's columns, with the inbox's indexes. It
leaves out whatever makes the inbox right in the long run: no checkpoint, no batches, no merging
with rows that are there, no links between phones and user ids (a conversation is a stream), no
reactions or edits.
"""

from typing import LiteralString

MESSAGES: LiteralString = """
insert into messages (
    id, phone_number_id, message_id, conversation_id, filed_by, direction, message_type, text_body,
    caption, media, content, display_phone_number, customer_wa_id, customer_user_id, customer_name,
    "timestamp", received_at, sorted_at, delivery_id, pointer, replied,
    sent_at, delivered_at, read_at)
select f.id, f.phone_number_id, f.message_id, min(f.id) over (partition by f.stream), f.stream,
       f.direction, e.data ->> 'message_type', e.data ->> 'text', e.data ->> 'caption',
       e.data -> 'media', e.data -> 'content', f.display_phone_number, f.wa_id, f.user_id,
       e.data ->> 'profile_name', f.at, f.received_at, least(f.at, f.received_at),
       e.delivery_id, e.pointer,
       f.direction = 'in' and least(f.at, f.received_at) <= coalesce(
           max(least(f.at, f.received_at)) filter (where f.direction = 'out')
               over (partition by f.stream), '-infinity'),
       f.sent_at, f.delivered_at, f.read_at
  from (
    select min(e.position) as id, min(e.stream) as stream,
           e.data ->> 'phone_number_id' as phone_number_id, e.data ->> 'message_id' as message_id,
           min(e.data ->> 'display_phone_number') as display_phone_number,
           min(e.data ->> 'wa_id') as wa_id, min(e.data ->> 'user_id') as user_id,
           case when min(e.type) = 'MessageReceived' then 'in' else 'out' end as direction,
           min(e.position) filter (where e.type = 'MessageReceived') as own_position,
           min(e.occurred_at) as at, min(e.recorded_at) as received_at,
           min(e.occurred_at) filter (where e.data ->> 'status' = 'sent') as sent_at,
           min(e.occurred_at) filter (where e.data ->> 'status' = 'delivered') as delivered_at,
           min(e.occurred_at) filter (where e.data ->> 'status' = 'read') as read_at
      from log.current e
     where e.type in ('MessageReceived', 'StatusChanged')
     group by e.data ->> 'phone_number_id', e.data ->> 'message_id'
  ) f
  left join log.current e on e.position = f.own_position
"""

STATUSES: LiteralString = """
insert into statuses (
    id, phone_number_id, message_id, status, participant, recipient_number, recipient_user_id,
    group_id, "timestamp", received_at, sorted_at, errors, pricing, conversation, callback_data,
    delivery_id, pointer)
select distinct on (e.data ->> 'message_id', e.data ->> 'status', e.data ->> 'phone_number_id')
       e.position, e.data ->> 'phone_number_id', e.data ->> 'message_id', e.data ->> 'status', '',
       e.data ->> 'wa_id', e.data ->> 'user_id', e.data ->> 'group_id', e.occurred_at,
       e.recorded_at, least(e.occurred_at, e.recorded_at), e.data -> 'errors', e.data -> 'pricing',
       e.data -> 'conversation', e.data ->> 'callback_data', e.delivery_id, e.pointer
  from log.current e
 where e.type = 'StatusChanged'
 order by e.data ->> 'message_id', e.data ->> 'status', e.data ->> 'phone_number_id',
          e.occurred_at, e.position
"""

CONVERSATIONS: LiteralString = """
insert into conversations (
    id, phone_number_id, display_phone_number, phone_number, user_id, contact_name, message_count,
    unread_count, last_message_at, last_message_id, last_incoming_at, last_outgoing_at)
select m.conversation_id, min(m.phone_number_id), min(m.display_phone_number),
       min(m.customer_wa_id), min(m.customer_user_id), min(m.customer_name),
       count(*) filter (where m.direction = 'in'),
       count(*) filter (where m.direction = 'in' and not m.read),
       max(m.sorted_at), (array_agg(m.id order by m.sorted_at desc, m.id desc))[1],
       max(m.sorted_at) filter (where m.direction = 'in'),
       max(m.sorted_at) filter (where m.direction = 'out')
  from messages m
 group by m.conversation_id
"""

PASS = (MESSAGES, STATUSES, CONVERSATIONS)

# One row that the pass and the view must agree on.
FIGURES: LiteralString = """
select (select count(*) from messages), (select count(*) from statuses),
       (select count(*) from conversations), (select sum(unread_count) from conversations)::bigint,
       (select sum(message_count) from conversations)::bigint,
       (select count(*) from messages where replied),
       (select count(*) from messages where status = 'read')
"""
