"""The floor of a rebuild of each view: one set-based pass by hand over the bench's log.

Each knows what the generator makes: nothing comes twice or later, no file was fetched, nobody's
phone is linked late. So it needs no batches, no checkpoint, and no look at rows that are there. The
pass of the inbox is in plain_pass.py.
"""

from typing import LiteralString, NamedTuple

from bench import plain_pass
from projections.inbox.view import INBOX
from projections.media.view import MEDIA
from projections.search.view import SEARCH
from projections.stats.view import STATS
from projections.view import View


class Plain(NamedTuple):
    """The view, its pass, and one row of figures that the pass and the view must agree on."""

    view: View
    statements: tuple[LiteralString, ...]
    figures: LiteralString


FILES: LiteralString = """
insert into media (media_id, phone_number_id, id, stream, message_id, mime_type, sha256_sent, url,
                   filename, received_at, expires_at)
select e.data -> 'media' ->> 'media_id', e.data ->> 'phone_number_id', e.position, e.stream,
       e.data ->> 'message_id', e.data -> 'media' ->> 'mime_type', e.data -> 'media' ->> 'sha256',
       e.data -> 'media' ->> 'url', e.data -> 'media' ->> 'filename', e.recorded_at,
       e.recorded_at + interval '7 days'
  from log.current e
 where e.type = 'MessageReceived' and e.data -> 'media' ->> 'media_id' <> ''
"""

FILES_FIGURES: LiteralString = """
select count(*), count(distinct message_id), min(id), max(id), sum(id) from media
"""

TEXTS: LiteralString = """
insert into texts (message_id, phone_number_id, id, sorted_at, content_position, content_rank, text)
select e.data ->> 'message_id', e.data ->> 'phone_number_id', e.position,
       least(e.occurred_at, e.recorded_at), e.position, 0, findable(e.data - 'raw', null, null)
  from log.current e
 where e.type = 'MessageReceived'
"""

TEXTS_FIGURES: LiteralString = """
select count(*), sum(id), sum(length(text)), max(sorted_at) from texts
"""

COUNTED: LiteralString = """
insert into counted_messages (
    phone_number_id, message_id, filed_by, person, direction, content, message_type, media_id,
    sent_at, received_at, counted_at, step)
select f.phone_number_id, f.message_id, case when f.own is null then '1' else '0' end || f.stream,
       f.stream, case when f.own is null then 'out' else 'in' end, f.own, f.message_type,
       f.media_id, f.at, f.received_at, least(f.at, f.received_at), f.step
  from (
    select e.data ->> 'phone_number_id' as phone_number_id, e.data ->> 'message_id' as message_id,
           min(e.stream) as stream,
           min(e.position) filter (where e.type = 'MessageReceived') as own,
           min(e.data ->> 'message_type') as message_type,
           min(e.data -> 'media' ->> 'media_id') as media_id,
           min(e.occurred_at) as at, min(e.recorded_at) as received_at,
           max(case e.data ->> 'status' when 'sent' then 1 when 'delivered' then 3
                                        when 'read' then 4 else 0 end) as step
      from log.current e
     where e.type in ('MessageReceived', 'StatusChanged')
     group by e.data ->> 'phone_number_id', e.data ->> 'message_id'
  ) f
"""

LINKS: LiteralString = """
insert into counted_links (phone_number_id, wa_id, user_id, linked_at)
select e.data ->> 'phone_number_id', e.data ->> 'wa_id', e.data ->> 'user_id', min(e.occurred_at)
  from log.current e
 where e.data ? 'wa_id' and e.data ? 'user_id'
 group by 1, 2, 3
"""

# A gap ends with something sent, and what came at that very moment is still in it.
WAITS: LiteralString = """
insert into counted_waits (person, phone_number_id, began_at, answered_at)
select g.person, min(g.phone_number_id), min(g.counted_at) filter (where g.direction = 'in'),
       min(g.counted_at) filter (where g.direction = 'out')
  from (
    select m.person, m.phone_number_id, m.counted_at, m.direction,
           count(*) filter (where m.direction = 'out')
               over (partition by m.person order by m.counted_at, m.direction
                     rows between unbounded preceding and 1 preceding) as gap
      from counted_messages m
  ) g
 group by g.person, g.gap
having count(*) filter (where g.direction = 'in') > 0
"""

MESSAGE_COUNTS: LiteralString = """
insert into message_counts (width, bucket_at, phone_number_id, direction, message_type, status,
                            error_code, media_state, messages)
select s.width, date_bin(make_interval(mins => s.width), m.counted_at, timestamptz 'epoch'),
       m.phone_number_id, m.direction, coalesce(m.message_type, ''),
       case when m.direction = 'in' then ''
            else (array['accepted', 'sent', 'failed', 'delivered', 'read'])[m.step + 1] end,
       -1, '', count(*)
  from counted_messages m
 cross join (values (15), (60), (360)) s(width)
 group by 1, 2, 3, 4, 5, 6
"""

WAIT_COUNTS: LiteralString = """
insert into wait_counts (width, bucket_at, phone_number_id, slot, late, waits)
select s.width, date_bin(make_interval(mins => s.width), w.began_at, timestamptz 'epoch'),
       w.phone_number_id, w.slot, w.late, count(*)
  from (
    select w.began_at, w.phone_number_id,
           case when w.answered_at is null then -1
                when l.seconds < 1 then 0
                else 1 + floor(ln(l.seconds) / ln(1.1::float8)) end::smallint as slot,
           coalesce(w.answered_at - w.began_at > interval '24 hours', false) as late
      from counted_waits w
     cross join lateral (
           select floor(extract(epoch from w.answered_at - w.began_at))::float8 as seconds) l
  ) w
 cross join (values (15), (60), (360)) s(width)
 group by 1, 2, 3, 4, 5
"""

STATS_FIGURES: LiteralString = """
select (select count(*) from counted_messages), (select sum(messages) from message_counts),
       (select count(*) from message_counts),
       (select sum(messages) from message_counts where status = 'read'),
       (select count(*) from counted_waits where answered_at is not null),
       (select sum(waits) from wait_counts), (select count(*) from wait_counts),
       (select count(*) from counted_links)
"""

PLAIN = (
    Plain(INBOX, plain_pass.PASS, plain_pass.FIGURES),
    Plain(MEDIA, (FILES,), FILES_FIGURES),
    Plain(SEARCH, (TEXTS,), TEXTS_FIGURES),
    Plain(STATS, (COUNTED, LINKS, WAITS, MESSAGE_COUNTS, WAIT_COUNTS), STATS_FIGURES),
)
