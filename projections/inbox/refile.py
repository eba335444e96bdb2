"""Refile: work out anew whose the messages of some people are, and count their conversations.

It runs when something was learnt that can move rows: a link for a phone that came alone before, a
system message, a better filing of a message, a merge or its end. Everything is recomputed for all
who are kin to the streams in `moved`, so the outcome depends on what is known and not on what came
first.
"""

from typing import LiteralString

from projections.inbox.conversations import DESCRIPTION, WAIT_AGAIN
from projections.inbox.details import CARRY_DETAILS, FOLD_AGAIN
from projections.inbox.identity import OWNER
from projections.inbox.notes import CARRY_NOTES

TEMPORARY_TABLES: LiteralString = """
create temporary table if not exists kin (
    stream text collate "C" not null
) on commit delete rows;

create temporary table if not exists refiled (
    id              bigint not null,
    was             bigint,
    identity        text collate "C",
    conversation_id bigint
) on commit delete rows;

create temporary table if not exists regrouped (
    identity        text collate "C" not null,
    conversation_id bigint,
    own_id          bigint
) on commit delete rows;
"""

EMPTY_BATCH: LiteralString = "truncate kin, refiled, regrouped"

# One look at what is rare: whether anything moved, and whether somebody merged.
ANY_MOVED: LiteralString = """
select exists (select from moved) or exists (select from touched where moved),
       exists (select from batch
                where type in ('ConversationsMerged', 'ConversationsUnmerged'))
"""

# The streams that links and continuations connect with the stream `f`, at whatever time.
NEIGHBOURS: LiteralString = """
           select l.phone_number_id || '/u:' || l.user_id as stream
             from links l
            where l.wa_id = split_part(f.stream, '/p:', 2)
              and l.phone_number_id = split_part(f.stream, '/p:', 1)
           union all
           select l.phone_number_id || '/p:' || l.wa_id
             from links l
            where l.user_id = split_part(f.stream, '/u:', 2)
              and l.phone_number_id = split_part(f.stream, '/u:', 1)
           union all
           select c.new_stream from continuations c where c.old_stream = f.stream
           union all
           select c.old_stream from continuations c where c.new_stream = f.stream
"""

# Kin are the streams that those and merges connect.
FIND_KIN: LiteralString = (
    """
with recursive found (stream) as (
    select m.stream from moved m
    union
    select n.stream
      from found f
     cross join lateral (
"""
    + NEIGHBOURS
    + """
           union all
           select m.other_stream from merges m
            where m.stream = f.stream and m.undone_position is null
           union all
           select m.stream from merges m
            where m.other_stream = f.stream and m.undone_position is null) n
)
insert into kin (stream) select f.stream from found f
"""
)

# Their messages, and whose each is now.
OWN: LiteralString = (
    """
insert into refiled (id, was, identity)
select x.id, x.was, owner.identity
  from (
    select m.id, m.conversation_id as was, substr(m.filed_by, 2) as stream, m.timestamp as at
      from messages m
     where m.conversation_id = any (array(
           select i.conversation_id
             from kin k
            cross join lateral (
                  select n.conversation_id from identities n
                   where n.identity = k.stream
                      or n.identity > k.stream || '#' and n.identity < k.stream || '$') i))
        or m.id = any (array(select t.id from touched t where t.moved))
  ) x
"""
    + OWNER
)

# Merges name people by a stream and a time, so that they too follow what is learnt late.
RESOLVE: LiteralString = (
    """
update merges m
   set identity = w.identity, other_identity = w.other_identity
  from (
    select k.id, person.identity, other.identity as other_identity
      from merges k
     cross join lateral (
           select owner.identity from (select k.stream, k.at) x
"""
    + OWNER
    + """
     ) person
     cross join lateral (
           select owner.identity from (select k.other_stream as stream, k.other_at as at) x
"""
    + OWNER
    + """
     ) other
     where k.stream = any (array(select n.stream from kin n))
        or k.other_stream = any (array(select n.stream from kin n))
  ) w
 where m.id = w.id
   and (m.identity, m.other_identity) is distinct from (w.identity, w.other_identity)
"""
)

# Identities that continue each other are one conversation, and so are those that were merged; its
# id is the least of its messages'. `own` is reached by continuations alone.
REGROUP: LiteralString = (
    """
with recursive members as (
    select r.identity, min(r.id) as least_id from refiled r where r.identity is not null
     group by r.identity
), ends as (
    select c.old_stream, c.new_stream, c.continued_at
      from continuations c
     where c.old_stream = any (array(select k.stream from kin k))
), resolved as (
    select o.identity as one, n.identity as other
      from ends e
     cross join lateral (
           select owner.identity from (select e.old_stream as stream, e.continued_at as at) x
"""
    + OWNER
    + """
     ) o
     cross join lateral (
           select owner.identity from (select e.new_stream as stream, e.continued_at as at) x
"""
    + OWNER
    + """
     ) n
), merged as (
    select m.identity as one, m.other_identity as other
      from merges m
     where m.stream = any (array(select k.stream from kin k)) and m.undone_position is null
), edges as materialized (
    select one, other, true as own from resolved
    union
    select other, one, true from resolved
    union
    select one, other, false from merged
    union
    select other, one, false from merged
), everyone as (
    select identity from members
    union
    select one from edges
), reach (identity, other, own) as (
    select identity, identity, true from everyone
    union
    select r.identity, e.other, r.own and e.own
      from reach r
      join edges e on e.one = r.other
)
insert into regrouped (identity, conversation_id, own_id)
select r.identity, min(m.least_id), min(m.least_id) filter (where r.own)
  from reach r
  left join members m on m.identity = r.other
 group by r.identity
"""
)

# A phone's later owners are known by its departures alone; without items they leave no row.
FORGET: LiteralString = """
delete from identities
 where identity = any (array(
       select i.identity
         from kin k
        cross join lateral (
              select n.identity from identities n
               where n.identity > k.stream || '#' and n.identity < k.stream || '$') i
        where not exists (select from regrouped g where g.identity = i.identity)))
"""

EMPTY: LiteralString = """
update identities i
   set conversation_id = null, own_id = null
 where i.identity = any (array(select k.stream from kin k))
   and not exists (select from regrouped g where g.identity = i.identity)
"""

REIDENTIFY: LiteralString = """
insert into identities as i (identity, conversation_id, own_id)
select g.identity, g.conversation_id, g.own_id from regrouped g
    on conflict (identity) do update
   set conversation_id = excluded.conversation_id, own_id = excluded.own_id
"""

ASSIGN: LiteralString = """
update refiled r
   set conversation_id = g.conversation_id
  from regrouped g
 where g.identity = r.identity
"""

# Each row is looked up by its id first and found by its place then: as a join on the id, all
# messages are read while they are not very many. Nobody else writes to them meanwhile.
CARRY: LiteralString = """
update messages m
   set conversation_id = r.conversation_id
  from refiled r
 cross join lateral (select k.ctid from messages k where k.id = r.id offset 0) k
 where m.ctid = k.ctid and m.conversation_id is distinct from r.conversation_id
"""

CLEAR: LiteralString = """
delete from conversations
 where id = any (array(select r.was from refiled r))
    or id = any (array(select r.conversation_id from refiled r))
"""

RECOUNT: LiteralString = """
insert into conversations (
    id, phone_number_id, group_id, message_count, unread_count, last_message_at, last_message_id,
    last_incoming_at, last_outgoing_at)
select m.conversation_id, min(m.phone_number_id), min(m.group_id),
       count(*) filter (where m.direction = 'in'),
       count(*) filter (where m.direction = 'in' and not m.read),
       max(m.sorted_at),
       (select n.id from messages n
         where n.conversation_id = m.conversation_id
         order by n.sorted_at desc, n.id desc limit 1),
       max(m.sorted_at) filter (where m.direction = 'in'),
       max(m.sorted_at) filter (where m.direction = 'out')
  from messages m
 where m.conversation_id = any (array(select distinct r.conversation_id from refiled r))
 group by m.conversation_id
"""

REPLY_AGAIN: LiteralString = """
update messages
   set replied = not replied
 where id = any (array(
       select k.id
         from refiled r
        cross join lateral (select c.last_outgoing_at from conversations c
                             where c.id = r.conversation_id limit 1) c
        cross join lateral (
              select m.id from messages m
               where m.id = r.id and m.direction = 'in'
                 and m.replied <> coalesce(m.sorted_at <= c.last_outgoing_at, false)
              offset 0) k))
"""

DESCRIBE_AGAIN: LiteralString = (
    """
with news as (select distinct r.conversation_id from refiled r)
"""
    + DESCRIPTION
)

REFILE: tuple[LiteralString, ...] = (
    FIND_KIN,
    OWN,
    RESOLVE,
    REGROUP,
    FORGET,
    EMPTY,
    REIDENTIFY,
    ASSIGN,
    CARRY,
    CLEAR,
    RECOUNT,
    REPLY_AGAIN,
    DESCRIBE_AGAIN,
    WAIT_AGAIN,
    CARRY_DETAILS,
    CARRY_NOTES,
    FOLD_AGAIN,
)
