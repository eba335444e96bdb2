"""Conversations: what the batch adds to each, counted from rows and never from events."""

from typing import LiteralString

# Rows that moved are left out here: refile counts their conversations from scratch.
TALLY: LiteralString = """
insert into tallies (conversation_id, incoming, unread, last_incoming_at, last_outgoing_at,
                     first_incoming_at, retimed, failed, last_id, last_incoming_id, outgoing_was,
                     incoming_was, waiting_was)
select t.conversation_id, t.incoming, t.unread, t.last_incoming_at, t.last_outgoing_at,
       t.first_incoming_at, t.retimed, t.failed, t.last_id, t.last_incoming_id, c.last_outgoing_at,
       c.last_incoming_at, c.waiting_since
  from (
    select n.conversation_id,
           count(*) filter (where not n.known and n.direction = 'in') as incoming,
           count(*) filter (where not n.known and n.direction = 'in' and not n.read) as unread,
           max(n.sorted_at) filter (where n.direction = 'in') as last_incoming_at,
           max(n.sorted_at) filter (where n.direction = 'out') as last_outgoing_at,
           min(n.sorted_at) filter (where n.direction = 'in') as first_incoming_at,
           bool_or(n.retimed) as retimed,
           sum(n.failed) as failed,
           max(n.id) as last_id,
           max(n.id) filter (where n.direction = 'in' and n.content_rank = 0) as last_incoming_id
      from touched n
     where n.conversation_id is not null and not n.moved
     group by n.conversation_id
  ) t
  left join lateral (
       select k.last_outgoing_at, k.last_incoming_at, k.waiting_since
         from conversations k where k.id = t.conversation_id limit 1
  ) c on true
"""

# The newest message is looked up, and so is the newest outgoing one when an outgoing message has
# turned out to be older than it seemed. Who waits is looked up only where an answer lies between
# the messages that it may answer: mostly it comes after all of them.
STORE: LiteralString = """
insert into conversations as c (
    id, phone_number_id, group_id, message_count, unread_count, last_message_at, last_message_id,
    last_incoming_at, last_outgoing_at, waiting_since, failed_count, last_id, last_incoming_id)
select t.conversation_id, newest.phone_number_id, newest.group_id, t.incoming, t.unread,
       newest.sorted_at, newest.id, t.last_incoming_at, answered.at,
       case
           when t.retimed
                or t.waiting_was <= answered.at and t.incoming_was > answered.at
                or t.first_incoming_at <= answered.at and t.last_incoming_at > answered.at
           then (select m.sorted_at from messages m
                  where m.conversation_id = t.conversation_id and m.direction = 'in'
                    and m.sorted_at > coalesce(answered.at, '-infinity')
                  order by m.sorted_at limit 1)
           else least(
                case when t.waiting_was > coalesce(answered.at, '-infinity') then t.waiting_was end,
                case when t.first_incoming_at > coalesce(answered.at, '-infinity')
                     then t.first_incoming_at end)
       end,
       t.failed, t.last_id, t.last_incoming_id
  from tallies t
 cross join lateral (
       select m.id, m.sorted_at, m.phone_number_id, m.group_id
         from messages m
        where m.conversation_id = t.conversation_id
        order by m.sorted_at desc, m.id desc
        limit 1) newest
 cross join lateral (
       select case when t.retimed
                   then (select m.sorted_at from messages m
                          where m.conversation_id = t.conversation_id and m.direction = 'out'
                          order by m.sorted_at desc limit 1)
                   else greatest(t.last_outgoing_at, t.outgoing_was) end as at
       offset 0) answered
 order by t.conversation_id
    on conflict (id) do update
   set message_count = c.message_count + excluded.message_count,
       unread_count = c.unread_count + excluded.unread_count,
       last_message_at = excluded.last_message_at,
       last_message_id = excluded.last_message_id,
       last_incoming_at = greatest(c.last_incoming_at, excluded.last_incoming_at),
       last_outgoing_at = excluded.last_outgoing_at,
       waiting_since = excluded.waiting_since,
       failed_count = c.failed_count + excluded.failed_count,
       last_id = greatest(c.last_id, excluded.last_id),
       last_incoming_id = greatest(c.last_incoming_id, excluded.last_incoming_id)
"""

# Messages are replied exactly up to the newest outgoing one. Those that were there before the
# batch lie between where that was and where it is now, whichever is later: it moves on with an
# answer, and back when what seemed to answer them turns out to be older. Unless it has moved back,
# what the batch brought is settled, and only what came until the last one before it is looked at.
# `offset 0` keeps the lookup a lookup: as a join, all messages are read for each batch while they
# are not very many.
# The range is one of rows, which the index by conversation alone answers: a range of times is
# planned through the index by time while messages are few, and then reads everybody's.
REPLY: LiteralString = """
with changed as (
    select t.conversation_id, c.last_outgoing_at, t.outgoing_was,
           case when not t.retimed then coalesce(t.incoming_was, '-infinity') end as incoming_was
      from tallies t
     cross join lateral (select k.last_outgoing_at from conversations k
                          where k.id = t.conversation_id limit 1) c
     where c.last_outgoing_at is distinct from t.outgoing_was
)
update messages
   set replied = not replied
 where id = any (array(
       select m.id
         from changed c
        cross join lateral (
              select k.id from messages k
               where (k.conversation_id, k.sorted_at) > (
                         c.conversation_id,
                         least(c.last_outgoing_at, coalesce(c.outgoing_was, '-infinity')))
                 and (k.conversation_id, k.sorted_at) <= (
                         c.conversation_id,
                         least(greatest(c.last_outgoing_at, c.outgoing_was), c.incoming_was))
                 and k.direction = 'in'
                 and k.replied <> (k.sorted_at <= c.last_outgoing_at)
               offset 0) m))
"""

# Messages that were there before the batch, read by what it brings.
READ: LiteralString = """
with seen as (
    update messages
       set read = true
     where id = any (array(
           select k.id
             from marks s
            cross join lateral (
                  select m.id from messages m
                   where substr(m.filed_by, 2) = s.stream and m.id <= s.read_up_to
                     and m.direction = 'in' and not m.read
                   offset 0) k))
    returning conversation_id
)
update conversations c
   set unread_count = c.unread_count - s.seen
  from (select conversation_id, count(*) as seen from seen group by conversation_id) s
 where c.id = s.conversation_id
"""

# What a conversation is called comes from its newest message that says it. Mostly a batch says
# again what is known; only where it does not are the messages asked.
NEWS: LiteralString = """
with known as materialized (
    select k.id, k.phone_number, k.user_id, k.parent_user_id, k.username, k.contact_name,
           k.display_phone_number, k.group_id
      from tallies a
     cross join lateral (
           select * from conversations n where n.id = a.conversation_id limit 1) k
), news as (
    select distinct t.conversation_id
      from touched t
      join known c on c.id = t.conversation_id
     where not t.moved
       and (t.retimed
            or t.display_number is distinct from c.display_phone_number
            or c.group_id is null
               and (t.wa_id <> coalesce(c.phone_number, '')
                    or t.user_id <> coalesce(c.user_id, '')
                    or t.parent_user_id <> coalesce(c.parent_user_id, '')
                    or t.username <> coalesce(c.username, '')
                    or t.profile_name <> coalesce(c.contact_name, '')))
)
"""

DESCRIPTION: LiteralString = """
update conversations c
   set (display_phone_number, phone_number, user_id, parent_user_id, username, contact_name) = (
       select (select m.display_phone_number from messages m
                where m.conversation_id = c.id and m.display_phone_number is not null
                order by m.sorted_at desc, m.id desc limit 1),
              (select m.customer_wa_id from messages m
                where m.conversation_id = c.id and m.customer_wa_id is not null
                  and c.group_id is null
                order by m.sorted_at desc, m.id desc limit 1),
              (select m.customer_user_id from messages m
                where m.conversation_id = c.id and m.customer_user_id is not null
                  and c.group_id is null
                order by m.sorted_at desc, m.id desc limit 1),
              (select m.customer_parent_user_id from messages m
                where m.conversation_id = c.id and m.customer_parent_user_id is not null
                  and c.group_id is null
                order by m.sorted_at desc, m.id desc limit 1),
              (select m.customer_username from messages m
                where m.conversation_id = c.id and m.customer_username is not null
                  and c.group_id is null
                order by m.sorted_at desc, m.id desc limit 1),
              (select m.customer_name from messages m
                where m.conversation_id = c.id and m.customer_name is not null
                  and c.group_id is null
                order by m.sorted_at desc, m.id desc limit 1))
  from news n
 where c.id = n.conversation_id
"""

DESCRIBE: LiteralString = NEWS + DESCRIPTION

# What is counted here, after a refile.
WAIT_AGAIN: LiteralString = """
update conversations c
   set (waiting_since, failed_count, last_id, last_incoming_id) = (
       select min(m.sorted_at) filter (
                  where m.direction = 'in'
                    and m.sorted_at > coalesce(c.last_outgoing_at, '-infinity')),
              count(*) filter (where m.status = 'failed'),
              max(m.id),
              max(m.id) filter (where m.direction = 'in' and m.content_rank = 0)
         from messages m
        where m.conversation_id = c.id)
 where c.id = any (array(select r.conversation_id from refiled r))
"""
