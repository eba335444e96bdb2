"""Refile: work out anew whose the messages of some people are, and count their conversations.

It runs when something was learnt that can move rows: a link for a phone that came alone before, a
system message, a better filing of a message, a merge or its end. Everything is recomputed for all
who are kin to the streams in `moved`, so the outcome depends on what is known and not on what came
first.
"""

from typing import LiteralString

from projections.inbox.conversations import DESCRIPTION, WAIT_AGAIN
from projections.inbox.details import CARRY_DETAILS, FOLD_AGAIN
from projections.inbox.identity import EDGES, FIND_KIN, OWNER, RESOLVE
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

# Identities that continue each other are one conversation, and so are those that were merged; its
# id is the least of its messages'. `own` is reached by continuations alone.
REGROUP: LiteralString = (
    """
with recursive members as (
    select r.identity, min(r.id) as least_id from refiled r where r.identity is not null
     group by r.identity
), """
    + EDGES
    + """, everyone as (
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
