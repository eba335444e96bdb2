"""Kin: everybody whom something new can concern, and who of them is one person."""

from typing import LiteralString

from projections.people.links import OWNER

# The streams that links and continuations connect with the stream `f`, at whatever time.
NEIGHBOURS: LiteralString = """
           select l.phone_number_id || '/u:' || l.user_id as stream
             from LINKS l
            where l.wa_id = split_part(f.stream, '/p:', 2)
              and l.phone_number_id = split_part(f.stream, '/p:', 1)
           union all
           select l.phone_number_id || '/p:' || l.wa_id
             from LINKS l
            where l.user_id = split_part(f.stream, '/u:', 2)
              and l.phone_number_id = split_part(f.stream, '/u:', 1)
           union all
           select c.new_stream from CONTINUATIONS c where c.old_stream = f.stream
           union all
           select c.old_stream from CONTINUATIONS c where c.new_stream = f.stream
"""

# Kin are the streams that those and merges connect.
FIND_KIN: LiteralString = (
    """
with recursive found (stream) as (
    select m.stream from MOVED m
    union
    select n.stream
      from found f
     cross join lateral (
"""
    + NEIGHBOURS
    + """
           union all
           select m.other_stream from MERGES m
            where m.stream = f.stream and m.undone_position is null
           union all
           select m.stream from MERGES m
            where m.other_stream = f.stream and m.undone_position is null) n
)
insert into KIN (stream) select f.stream from found f
"""
)

# Merges name people by a stream and a time, so that they too follow what is learnt late.
RESOLVE: LiteralString = (
    """
update MERGES m
   set identity = w.identity, other_identity = w.other_identity
  from (
    select k.ctid as place, person.identity, other.identity as other_identity
      from MERGES k
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
     where k.stream = any (array(select n.stream from KIN n))
        or k.other_stream = any (array(select n.stream from KIN n))
  ) w
 where m.ctid = w.place
   and (m.identity, m.other_identity) is distinct from (w.identity, w.other_identity)
"""
)

# Who of the kin continue each other and who were merged, as queries of a `with`: `edges` are pairs
# of identities, both ways, and `own` those that nobody of ours has made.
EDGES: LiteralString = (
    """ends as (
    select c.old_stream, c.new_stream, c.continued_at
      from CONTINUATIONS c
     where c.old_stream = any (array(select k.stream from KIN k))
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
      from MERGES m
     where m.stream = any (array(select k.stream from KIN k)) and m.undone_position is null
), edges as materialized (
    select one, other, true as own from resolved
    union
    select other, one, true from resolved
    union
    select one, other, false from merged
    union
    select other, one, false from merged
)"""
)
