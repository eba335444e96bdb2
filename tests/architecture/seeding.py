"""Read tables that are not small, so that a plan through an index is the cheaper one."""

from typing import LiteralString

SEED: LiteralString = """
insert into messages (id, phone_number_id, message_id, conversation_id, filed_by, direction,
                      message_type, media, customer_wa_id, "timestamp", received_at, sorted_at,
                      read, replied, sent_at, played_at, failed_at, deleted_at, error_code)
select i, '1065', 'wamid.' || i, 1 + i % 20000, '01065/p:' || 5511900000000 + i % 20000,
       case when i % 3 = 0 then 'out' else 'in' end,
       case when i % 1000 = 0 then 'order' else 'text' end,
       case when i % 20 = 0 then jsonb_build_object('media_id', i::text) end,
       5511900000000 + i % 20000, t, t, t, i % 50 <> 0, i % 40 <> 0, t,
       case when i % 900 = 0 then t end, case when i % 300 = 0 then t end,
       case when i % 999 = 0 then t end, case when i % 300 = 0 then 131047 end
  from generate_series(1, 60000) i
 cross join lateral (select timestamptz '2026-01-01' + i * interval '1 second' as t) at;

insert into conversations (id, phone_number_id, phone_number, message_count, unread_count,
                           last_message_at, last_message_id, last_incoming_at, waiting_since,
                           failed_count, assignee, state_said, labels)
select m.conversation_id, '1065', min(m.customer_wa_id), count(*),
       case when m.conversation_id % 100 = 0 then 1 else 0 end, max(m.sorted_at), max(m.id),
       max(m.sorted_at), max(m.sorted_at), case when m.conversation_id % 100 = 0 then 1 else 0 end,
       case when m.conversation_id % 100 = 0 then 'luis' end,
       case m.conversation_id % 100 when 0 then 'done' when 1 then 'snoozed' else 'open' end,
       case when m.conversation_id % 100 = 0 then '{vip}'::text[] else '{}' end
  from messages m
 group by m.conversation_id;

insert into identities (identity, conversation_id)
select '1065/p:' || c.phone_number, c.id from conversations c;

insert into links (phone_number_id, wa_id, user_id, linked_at)
select '1065', c.phone_number, 'BR.' || c.id, c.last_message_at from conversations c;

insert into merges (id, stream, at, identity, other_stream, other_at, other_identity)
select c.id, i.stream, c.last_message_at, i.stream, i.stream, c.last_message_at, i.stream
  from conversations c
 cross join lateral (select '1065/p:' || c.phone_number as stream) i;

insert into statuses (id, phone_number_id, message_id, status, participant, recipient_number,
                      "timestamp", received_at, sorted_at, error_code)
select m.id, '1065', m.message_id, m.status, '', m.customer_wa_id, m.sorted_at, m.sorted_at,
       m.sorted_at, m.error_code
  from messages m
 where m.direction = 'out';

insert into reactions (phone_number_id, message_id, reactor, emoji, reacted_at, id)
select '1065', m.message_id, 'x', 'x', m.sorted_at, m.id from messages m where m.id % 30 = 1;

insert into revisions (id, phone_number_id, message_id, kind, revised_at)
select m.id, '1065', m.message_id, 'edited', m.sorted_at from messages m where m.id % 30 = 2;

insert into notes (id, filed_under, conversation_id, stream, body, created_at, changed_id)
select m.id, m.id, m.conversation_id, 's', 'x', m.sorted_at, m.id
  from messages m
 where m.id % 2 = 0;

insert into details (filed_under, name, key, conversation_id, value, id, stream)
select m.id, 'assignee', '', m.conversation_id, '"luis"', m.id, 's'
  from messages m
 where m.id % 2 = 0;

insert into note_versions (id, note_id, body, written_at)
select m.id, m.id, 'x', m.sorted_at
  from messages m
 where m.id % 2 = 0;

insert into media (media_id, phone_number_id, id, stream, received_at, expires_at, stored_position)
select m.id::text, '1065', m.id, 's', m.sorted_at, m.sorted_at,
       case when m.id % 100 <> 0 then m.id end
  from messages m
 where m.media is not null;

insert into texts (message_id, phone_number_id, id, sorted_at, content_position, content_rank,
                   text)
select m.message_id, m.phone_number_id, m.id, m.sorted_at, m.id, 0,
       'hola ' || m.id || chr(30) || m.customer_wa_id
  from messages m;
"""
