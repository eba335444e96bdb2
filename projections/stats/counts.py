"""Counts: what messages and waits add to their quarters of an hour, and take away.

And so to the hours and the quarters of a day that these are within: the rows of each width are
sums of those of the one before, so every question can be answered from the widest that fit.
"""

from typing import LiteralString

# In minutes, as read_api/stats/pieces.py knows them.
_WIDTHS: LiteralString = "(values (15::smallint), (60), (360)) s(width)"
_BUCKET: LiteralString = (
    "date_bin(make_interval(mins => s.width), d.bucket_at, timestamptz 'epoch')"
)

# Summed up by the quarter first, since most changes of a batch are of few of them. Rows of a width
# are written together, and are read so.
ADD_MESSAGES: LiteralString = (
    """
insert into message_counts as c (width, bucket_at, phone_number_id, direction, message_type, status,
                                 error_code, media_state, messages)
select s.width, """
    + _BUCKET
    + """ as bucket_at, d.phone_number_id, d.direction, d.message_type, d.status, d.error_code,
       d.media_state, sum(d.messages)
  from (
    select d.bucket_at, d.phone_number_id, d.direction, d.message_type, d.status, d.error_code,
           d.media_state, sum(d.sign) as messages
      from stats_changes d
     group by d.bucket_at, d.phone_number_id, d.direction, d.message_type, d.status, d.error_code,
              d.media_state
    having sum(d.sign) <> 0
  ) d
 cross join """
    + _WIDTHS
    + """
 group by s.width, """
    + _BUCKET
    + """, d.phone_number_id, d.direction, d.message_type, d.status, d.error_code, d.media_state
having sum(d.messages) <> 0
 order by s.width, bucket_at
    on conflict (width, bucket_at, phone_number_id, direction, message_type, status, error_code,
                 media_state) do update
   set messages = c.messages + excluded.messages
"""
)

# A count that has come down to nothing would not be there if the view had been built from what is
# known now.
DROP_MESSAGES: LiteralString = (
    """
delete from message_counts
 where ctid = any (array(
       select c.ctid
         from (select distinct s.width, """
    + _BUCKET
    + """ as bucket_at, d.phone_number_id, d.direction, d.message_type, d.status, d.error_code,
                      d.media_state
                 from (select distinct d.bucket_at, d.phone_number_id, d.direction, d.message_type,
                              d.status, d.error_code, d.media_state
                         from stats_changes d
                        where d.sign < 0) d
                cross join """
    + _WIDTHS
    + """) gone
        cross join lateral (
              select k.ctid from message_counts k
               where k.width = gone.width and k.bucket_at = gone.bucket_at
                 and k.phone_number_id = gone.phone_number_id
                 and k.direction = gone.direction and k.message_type = gone.message_type
                 and k.status = gone.status and k.error_code = gone.error_code
                 and k.media_state = gone.media_state and k.messages = 0
               limit 1) c))
"""
)

# How long a wait was: `slot` and `late` of `began_at` and `answered_at` of `w`.
_SLOT: LiteralString = """
cross join lateral (
    select case when w.answered_at is null then -1
                when s.seconds < 1 then 0
                else 1 + floor(ln(s.seconds) / ln(1.1::float8)) end::smallint as slot,
           coalesce(w.answered_at - w.began_at > interval '24 hours', false) as late
      from (select floor(extract(epoch from w.answered_at - w.began_at))::float8 as seconds) s
) length
"""

_WAIT_CHANGES: LiteralString = (
    """
(select w.began_at as bucket_at, w.phone_number_id, length.slot, length.late, w.sign
   from stats_wait_changes w
"""
    + _SLOT
    + ") d\n cross join "
    + _WIDTHS
)

ADD_WAITS: LiteralString = (
    """
insert into wait_counts as c (width, bucket_at, phone_number_id, slot, late, waits)
select s.width, """
    + _BUCKET
    + """ as bucket_at, d.phone_number_id, d.slot, d.late, sum(d.sign)
  from """
    + _WAIT_CHANGES
    + """
 group by s.width, """
    + _BUCKET
    + """, d.phone_number_id, d.slot, d.late
having sum(d.sign) <> 0
 order by s.width, bucket_at
    on conflict (width, bucket_at, phone_number_id, slot, late) do update
   set waits = c.waits + excluded.waits
"""
)

DROP_WAITS: LiteralString = (
    """
delete from wait_counts
 where ctid = any (array(
       select c.ctid
         from (select distinct s.width, """
    + _BUCKET
    + """ as bucket_at, d.phone_number_id, d.slot, d.late
                 from """
    + _WAIT_CHANGES
    + """
                where d.sign < 0) gone
        cross join lateral (
              select k.ctid from wait_counts k
               where k.width = gone.width and k.bucket_at = gone.bucket_at
                 and k.phone_number_id = gone.phone_number_id
                 and k.slot = gone.slot and k.late = gone.late and k.waits = 0
               limit 1) c))
"""
)
