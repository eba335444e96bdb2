"""Stories: which events the rows of some messages, and of their conversations, are made of.

Which streams are one conversation, only the view knows; so it is asked, and the log is read by
stream alone. Kin go by whatever ever connected them, merges that were undone included, so a story
holds every event of each conversation that the messages were in at any time. It may hold others
too: whose rows are whose, applying them says.
"""

from collections.abc import Collection, Sequence
from typing import Any, LiteralString

from psycopg import Connection

from events.envelope import Position
from projections.inbox.identity import NEIGHBOURS

# `offset 0` keeps a lookup a lookup: how many kin there are is more than the planner can know, and
# as joins all of the log would be read.
#
# What is said of their messages may stand in other streams: a status without a usable recipient in
# the business number's own, one with another name of the person, a reaction in a group. Those
# streams are known from the rows that say it (a message's first item, its best one, the one that
# files it) and from whom it names, since a step told again has no row. Of them only what speaks of
# these messages counts. A phone may be linked with a user id by what somebody wrote in a group,
# too. It is looked for in the groups where the link is older than what the streams say of it, and
# by its time.
STORY: LiteralString = (
    """
with recursive asked (stream) as (
    select substr(m.filed_by, 2) from messages m where m.id = any(%(ids)s::bigint[])
    union
    select e.stream from log.events e where e.position = any(%(ids)s::bigint[])
), kin (stream) as (
    select a.stream from asked a where position('/' in a.stream) > 0
    union
    select n.stream
      from kin f
     cross join lateral (
"""
    + NEIGHBOURS
    + """
           union all
           select m.other_stream from merges m where m.stream = f.stream
           union all
           select m.stream from merges m where m.other_stream = f.stream) n
), own as materialized (
    select e.position, e.occurred_at, e.data ->> 'phone_number_id' as phone_number_id,
           coalesce(e.data ->> 'target_message_id', e.data ->> 'message_id') as message_id,
           coalesce(e.data ->> 'wa_id', e.data ->> 'new_wa_id') as wa_id,
           coalesce(e.data ->> 'user_id', e.data ->> 'new_user_id') as user_id
      from kin k
     cross join lateral (
           select i.position, i.occurred_at, i.data from log.current i
            where i.stream = k.stream and i.position <= %(to)s
           offset 0) e
), spoken_of as materialized (
    select distinct o.message_id, o.phone_number_id
      from own o
     where o.message_id is not null and o.phone_number_id is not null
    union
    select m.message_id, m.phone_number_id from messages m where m.id = any(%(ids)s::bigint[])
), rows_of as materialized (
    select m.id, m.filed_by, m.delivery_id, m.pointer, m.phone_number_id, m.customer_wa_id,
           m.customer_user_id
      from spoken_of s
     cross join lateral (
           select k.id, k.filed_by, k.delivery_id, k.pointer, k.phone_number_id, k.customer_wa_id,
                  k.customer_user_id
             from messages k
            where k.message_id = s.message_id and k.phone_number_id = s.phone_number_id
            limit 1) m
), others (stream) as (
    select substr(r.filed_by, 2) from rows_of r
    union
    select e.stream
      from rows_of r
     cross join lateral (
           select i.stream from log.events i where i.position = r.id
           union all
           select i.stream from log.events i
            where i.delivery_id = r.delivery_id and i.pointer = r.pointer
           offset 0) e
    union
    select e.stream
      from spoken_of s
     cross join lateral (
           select k.id from statuses k
            where k.message_id = s.message_id and k.phone_number_id = s.phone_number_id
           union all
           select k.id from reactions k
            where k.message_id = s.message_id and k.phone_number_id = s.phone_number_id
           union all
           select k.id from revisions k
            where k.message_id = s.message_id and k.phone_number_id = s.phone_number_id) said
     cross join lateral (
           select i.stream from log.events i where i.position = said.id offset 0) e
    union
    select d.stream
      from rows_of r
     cross join lateral (
           select k.stream from details k where k.filed_under = r.id
           union all
           select k.stream from notes k where k.filed_under = r.id) d
    union
    select r.phone_number_id || n.name
      from rows_of r
     cross join lateral (values ('/p:' || r.customer_wa_id), ('/u:' || r.customer_user_id)) n (name)
     where n.name is not null
    union
    select s.phone_number_id from spoken_of s
    except
    select k.stream from kin k
), linked_elsewhere as materialized (
    select l.phone_number_id, l.wa_id, l.user_id, l.linked_at
      from kin k
     cross join lateral (
           select n.phone_number_id, n.wa_id, n.user_id, n.linked_at from links n
            where n.phone_number_id = split_part(k.stream, '/p:', 1)
              and n.wa_id = split_part(k.stream, '/p:', 2)
           offset 0) l
     where not exists (
           select from own o
            where o.phone_number_id = l.phone_number_id and o.wa_id = l.wa_id
              and o.user_id = l.user_id and o.occurred_at <= l.linked_at)
)
select o.position from own o
union
select e.position
  from others o
 cross join lateral (
       select i.position, i.data from log.current i
        where i.stream = o.stream and i.position <= %(to)s
       offset 0) e
 where exists (
       select from spoken_of s
        where s.phone_number_id = e.data ->> 'phone_number_id'
          and s.message_id = any (array[e.data ->> 'message_id', e.data ->> 'target_message_id']))
    or exists (
       select from rows_of r where to_jsonb(r.id) = e.data -> 'conversation_id')
union
select e.position
  from linked_elsewhere l
 cross join lateral (
       select i.position, i.data from log.current i
        where i.stream > l.phone_number_id || '/g:' and i.stream < l.phone_number_id || '/g;'
          and i.occurred_at = l.linked_at and i.position <= %(to)s
       offset 0) e
 where e.data ->> 'wa_id' = l.wa_id and e.data ->> 'user_id' = l.user_id
 order by 1
"""
)


def story(
    conn: Connection[Any],
    ids: Sequence[int],
    to: Position,
    numbers: Collection[str] | None = None,
) -> list[Position]:
    """Positions up to `to` of everything that the rows of these messages are made of.

    The version's tables are found by name, and have reached `to`. With `numbers` nothing that
    stands in another business number's streams.
    """
    # Planned anew each time: a plan made while the tables were small would read all of them later.
    rows = conn.execute(STORY, {"ids": list(ids), "to": to}, prepare=False).fetchall()
    positions = [Position(position) for (position,) in rows]
    if numbers is None:
        return positions
    return _of_numbers(conn, positions, numbers)


def _of_numbers(
    conn: Connection[Any], positions: list[Position], numbers: Collection[str]
) -> list[Position]:
    rows = conn.execute(
        "select position from log.events where position = any(%s)"
        " and split_part(stream, '/', 1) = any(%s) order by position",
        (positions, sorted(numbers)),
    ).fetchall()
    return [Position(position) for (position,) in rows]
