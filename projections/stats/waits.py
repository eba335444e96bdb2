"""Waits: from the first message that nobody has answered yet to the first that was sent after it.

A person's messages lie between those that were sent to the person: each such gap has at most one
wait, which its first incoming message begins and the outgoing one at its end answers. So whatever
changes, only the gaps that it lies in have to be looked at, with a few lookups each.
"""

from typing import LiteralString

# The gap that a changed message lies in and, as outgoing ones are ends of gaps, the one after it.
# A gap that was there before lies within these, or these lie within it.
FIND_GAPS: LiteralString = """
insert into stats_gaps (person, after_at, until_at)
select e.person, coalesce(before.at, '-infinity'), e.until_at
  from (
    select c.person, coalesce(u.at, 'infinity') as until_at
      from (select d.person, d.counted_at, d.direction = 'out' and sum(d.sign) > 0 as ends
              from stats_changes d
             where d.person is not null
             group by d.person, d.counted_at, d.direction
            having sum(d.sign) <> 0) c
      -- What was sent now is the end of its gap itself.
      left join lateral (
           select c.counted_at as at where c.ends
            union all
           (select k.counted_at from counted_messages k
             where k.person = c.person and k.direction = 'out' and k.counted_at >= c.counted_at
               and not c.ends
             order by k.counted_at limit 1)) u on true
    union
    select c.person, coalesce(u.at, 'infinity')
      from (select d.person, d.counted_at
              from stats_changes d
             where d.person is not null and d.direction = 'out'
             group by d.person, d.counted_at
            having sum(d.sign) <> 0) c
      left join lateral (
           select k.counted_at as at from counted_messages k
            where k.person = c.person and k.direction = 'out' and k.counted_at > c.counted_at
            order by k.counted_at limit 1) u on true
  ) e
  left join lateral (
       select k.counted_at as at from counted_messages k
        where k.person = e.person and k.direction = 'out' and k.counted_at < e.until_at
        order by k.counted_at desc limit 1) before on true
"""

COMPARE_WAITS: LiteralString = """
insert into stats_wait_changes (sign, person, phone_number_id, began_at, answered_at)
select sum(w.sign), w.person, split_part(w.person, '/', 1), w.began_at, w.answered_at
  from (
    select -1 as sign, g.person, o.began_at, o.answered_at
      from stats_gaps g
     cross join lateral (
           select k.began_at, k.answered_at from counted_waits k
            where k.person = g.person and k.began_at > g.after_at and k.began_at <= g.until_at
           offset 0) o
    union all
    select 1, g.person, n.at, nullif(g.until_at, 'infinity')
      from stats_gaps g
     cross join lateral (
           select k.counted_at as at from counted_messages k
            where k.person = g.person and k.direction = 'in'
              and k.counted_at > g.after_at and k.counted_at <= g.until_at
            order by k.counted_at limit 1) n
  ) w
 group by w.person, w.began_at, w.answered_at
having sum(w.sign) <> 0
"""

END_WAITS: LiteralString = """
delete from counted_waits
 where ctid = any (array(
       select o.ctid
         from stats_wait_changes w
        cross join lateral (
              select k.ctid from counted_waits k
               where k.person = w.person and k.began_at = w.began_at
               limit 1) o
        where w.sign < 0))
"""

BEGIN_WAITS: LiteralString = """
insert into counted_waits (person, phone_number_id, began_at, answered_at)
select w.person, w.phone_number_id, w.began_at, w.answered_at
  from stats_wait_changes w
 where w.sign > 0
"""
