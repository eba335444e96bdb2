"""People: whose the messages are, by the very rules that make the inbox's conversations.

What is learnt late moves what was counted already: all messages of everybody concerned are counted
anew, so the outcome depends on what is known and not on what came first.
"""

from typing import LiteralString

from projections.people import kin, links, merges
from projections.people.names import Names

# A new link moves messages where the phone has some of its own or of somebody else's that it is
# linked with, or where a system message or a merge speaks of it. `offset 0` keeps each look a look.
_NAMES = Names(
    items="stats_items",
    moved="stats_moved",
    kin="stats_kin",
    links="counted_links",
    continuations="counted_continuations",
    departures="counted_departures",
    merges="counted_merges",
    identities="counted_identities",
    matters="""exists (select from counted_messages m where m.person = l.stream offset 0)
    or exists (select from counted_links k
                where k.phone_number_id = split_part(l.stream, '/p:', 1)
                  and k.wa_id = split_part(l.stream, '/p:', 2) offset 0)
    or exists (select from counted_identities i where i.identity = l.stream offset 0)""",
)

LEARN: tuple[LiteralString, ...] = (
    _NAMES.said(links.LINK),
    _NAMES.said(links.CONTINUE),
    _NAMES.said(merges.STORE_MERGES),
)

ANY_MOVED: LiteralString = "select exists (select from stats_moved)"

# The least identity of those that are one stands for all, whether it has messages or not.
_REGROUP: LiteralString = (
    "with recursive "
    + _NAMES.said(kin.EDGES)
    + """, reach (identity, other) as (
    select e.one, e.one from edges e
    union
    select r.identity, e.other
      from reach r
      join edges e on e.one = r.other
)
insert into stats_regrouped (identity, person)
select r.identity, min(r.other) from reach r group by r.identity having count(*) > 1
"""
)

_FORGET: LiteralString = """
delete from counted_people
 where identity = any (array(
       select p.identity
         from stats_kin k
        cross join lateral (
              select n.identity from counted_people n where n.identity = k.stream
              union all
              select n.identity from counted_people n
               where n.identity > k.stream || '#' and n.identity < k.stream || '$') p
        where not exists (select from stats_regrouped g where g.identity = p.identity)))
"""

_REIDENTIFY: LiteralString = """
insert into counted_people as p (identity, person)
select g.identity, g.person from stats_regrouped g
    on conflict (identity) do update
   set person = excluded.person
 where p.person <> excluded.person
"""

REGROUP: tuple[LiteralString, ...] = (
    _NAMES.said(kin.FIND_KIN),
    _NAMES.said(kin.RESOLVE),
    _REGROUP,
    _FORGET,
    _REIDENTIFY,
)

# Whose a message filed by `x.stream` with the time `x.at` is.
PERSON: LiteralString = (
    _NAMES.said(links.OWNER)
    + """
cross join lateral (
    select coalesce(
        (select k.person from counted_people k where k.identity = owner.identity limit 1),
        owner.identity) as person
) p
"""
)
