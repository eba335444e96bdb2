"""Links between phones and user ids, and what system messages say of who is who."""

from typing import LiteralString

# Whose an item with stream `x.stream` and time `x.at` is. A phone alone belongs to the user id
# whose link is the latest not after the item's time, else the earliest after, else to the phone's
# own conversation. A departure bounds both looks: what came before it was the former owner's. What
# came to or from nobody (the business number's own stream) is nobody's.
OWNER: LiteralString = """
cross join lateral (
    select case
        when position('/' in x.stream) = 0 then null
        when position('/p:' in x.stream) = 0 then x.stream
        else (
        select coalesce(
                   (select l.phone_number_id || '/u:' || l.user_id
                      from LINKS l
                     where l.phone_number_id = split_part(x.stream, '/p:', 1)
                       and l.wa_id = split_part(x.stream, '/p:', 2)
                       and (since.at is null or l.linked_at > since.at)
                       and (until.at is null or l.linked_at <= until.at)
                     order by l.linked_at > x.at,
                              case when l.linked_at <= x.at then l.linked_at end desc,
                              l.linked_at, l.user_id
                     limit 1),
                   x.stream || coalesce('#' || extract(epoch from since.at)::bigint, ''))
          from (select max(d.departed_at) as at from DEPARTURES d
                 where d.stream = x.stream and d.departed_at < x.at) since,
               (select min(d.departed_at) as at from DEPARTURES d
                 where d.stream = x.stream and d.departed_at >= x.at) until
    ) end as identity
) owner
"""

# A link only moves what is filed already: MATTERS says of a phone `l.stream` whether it can.
LINK: LiteralString = """
with news as (
    select b.phone_number_id, b.wa_id, b.user_id, min(b.occurred_at) as linked_at
      from ITEMS b
     where b.wa_id is not null and b.user_id is not null
     group by b.phone_number_id, b.wa_id, b.user_id
), linked as (
    insert into LINKS as l (phone_number_id, wa_id, user_id, linked_at)
    select n.phone_number_id, n.wa_id, n.user_id, n.linked_at
      from news n
      left join lateral (
           select k.linked_at from LINKS k
            where k.phone_number_id = n.phone_number_id
              and k.wa_id = n.wa_id and k.user_id = n.user_id
            limit 1) k on true
     where k.linked_at is null or n.linked_at < k.linked_at
        on conflict (phone_number_id, wa_id, user_id) do update
       set linked_at = least(l.linked_at, excluded.linked_at)
    returning l.phone_number_id || '/p:' || l.wa_id as stream
)
insert into MOVED (stream)
select distinct l.stream
  from linked l
 where MATTERS
"""

# Every old name goes on as every new one. The old phone is somebody else's afterwards, and the new
# one was somebody else's until the second before. A change that is told more than once happened
# when it was told first. Both ends get a row in IDENTITIES, so that who
# comes later is noticed.
CONTINUE: LiteralString = """
with said as (
    select b.phone_number_id || '/p:' || (b.data ->> 'old_wa_id') as old_phone,
           b.phone_number_id || '/p:' || (b.data ->> 'new_wa_id') as new_phone,
           b.phone_number_id || '/u:' || (b.data ->> 'old_user_id') as old_user,
           b.phone_number_id || '/u:' || (b.data ->> 'new_user_id') as new_user,
           b.occurred_at
      from ITEMS b
     where b.type = 'ContactIdentityChanged'
), departed as (
    insert into DEPARTURES as d (stream, other_stream, departed_at)
    select s.old_phone, s.new_phone, min(s.occurred_at)
      from said s where s.old_phone <> s.new_phone group by 1, 2
    union all
    select s.new_phone, s.old_phone, min(s.occurred_at) - interval '1 s'
      from said s where s.old_phone <> s.new_phone group by 1, 2
        on conflict (stream, other_stream) do update
       set departed_at = excluded.departed_at
     where excluded.departed_at < d.departed_at
    returning stream
), continued as (
    insert into CONTINUATIONS as c (old_stream, new_stream, continued_at)
    select o.stream, n.stream, min(s.occurred_at)
      from said s
     cross join lateral (values (s.old_phone), (s.old_user)) as o(stream)
     cross join lateral (values (s.new_phone), (s.new_user)) as n(stream)
     where o.stream <> n.stream
     group by o.stream, n.stream
        on conflict (old_stream, new_stream) do update
       set continued_at = excluded.continued_at
     where excluded.continued_at < c.continued_at
    returning old_stream, new_stream
), streams as (
    select stream from departed
    union select old_stream from continued
    union select new_stream from continued
), noticed as (
    insert into IDENTITIES (identity)
    select s.stream from streams s
        on conflict do nothing
)
insert into MOVED (stream) select s.stream from streams s
"""
