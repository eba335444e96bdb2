"""Read tables full of made-up messages, written as the projectors would have left them.

Nothing of it is random twice: a number is the hash of its row's own.
"""

from typing import Any, LiteralString

from psycopg import Connection

from projections import versions
from projections.inbox.view import INBOX
from projections.media.view import MEDIA
from projections.search.view import SEARCH
from projections.stats.view import STATS

NUMBERS = ("106540352242922", "106540352242923")
PHONE = 5511900000000

# A third of the people write nine tenths of the messages. `part` is from 0 to 1, one per row and
# purpose; a conversation's id is the least of its messages'.
_DRAWN: LiteralString = """
create temporary table drawn as
select i as id, person, min(i) over (partition by person) as conversation_id, a, b, c,
       timestamptz '2026-11-22 12:00Z' - (%(messages)s - i) * interval '10 seconds' as at
  from (select i, pg_temp.part(i, 1) as a, pg_temp.part(i, 2) as b,
               pg_temp.part(i, 3) as c,
               floor(%(conversations)s * pg_temp.part(i, 4) ^ 2)::bigint as person
          from generate_series(1, %(messages)s) i) drawn
"""
_PART: LiteralString = """
create function pg_temp.part(row_number bigint, purpose integer) returns double precision
    language sql immutable
    return (hashint8extended(row_number, purpose) & 1048575) / 1048576.0
"""
# Words that everybody says, words that some say, and words that are said once. A message is two
# of these phrases: it would take long to put the words of each together one by one.
_PHRASES: LiteralString = """
create temporary table phrases as
select p as id,
       (select string_agg(
                   case when part < 0.3
                        then (array['hola', 'the', 'order', 'please', 'thanks', 'when', 'Olá',
                                    'today'])[1 + n % 8]
                        else left(md5(floor(20000 * part ^ 3)::text), 7) end, ' ')
          from (select n, pg_temp.part(p, 100 + n) as part
                  from generate_series(1, 2 + (p % 6)::integer) n) said) as words
  from generate_series(0::bigint, 4095) p;
create unique index phrases_by_id on phrases (id);
analyze phrases;
"""

_MESSAGES: LiteralString = """
insert into messages (id, phone_number_id, message_id, conversation_id, filed_by, direction,
                      message_type, content_rank, text_body, caption, media, context,
                      display_phone_number, customer_wa_id, customer_user_id, customer_name,
                      "timestamp", received_at, sorted_at, delivery_id, pointer, read, replied,
                      accepted_at, sent_at, delivered_at, read_at, failed_at, error_code,
                      error_title)
select d.id, n.number, 'wamid.HBgNNTUxMTk4NzY1NDMyMRUCABEYEj' || md5(d.id::text), d.conversation_id,
       '0' || n.number || '/u:BR.' || d.person, case when out then 'out' else 'in' end,
       type, 0, case when type in ('text', 'order') then said.words end,
       case when type = 'image' then said.words end,
       case when type in ('image', 'audio', 'document') then
            jsonb_build_object('media_id', 'm' || d.id, 'mime_type', 'image/jpeg',
                               'sha256', md5(d.id::text)) end,
       case when d.c < 0.05 then jsonb_build_object('message_id',
            'wamid.HBgNNTUxMTk4NzY1NDMyMRUCABEYEj' || md5((d.id - 7)::text)) end,
       '+1 555-078-3881', %(phone)s + d.person, 'BR.' || d.person, 'Person ' || d.person,
       d.at, d.at + interval '204 milliseconds', d.at, d.id, '/entry/0/changes/0/value/messages/0',
       d.id < %(messages)s * 0.99, not out and d.c > 0.1,
       case when out then d.at end, case when out then d.at end,
       case when out and d.b < 0.95 then d.at end, case when out and d.b < 0.7 then d.at end,
       case when out and d.b > 0.99 then d.at end,
       case when out and d.b > 0.99 then case when d.b > 0.9999 then 131053 else 131047 end end,
       case when out and d.b > 0.99 then 'Re-engagement message' end
  from drawn d
 cross join lateral (select d.a < 0.4 as out, (%(numbers)s::text[])[1 + d.person %% 2] as number,
       case when d.b < 0.75 then 'text' when d.b < 0.87 then 'image' when d.b < 0.92 then 'audio'
            when d.b < 0.95 then 'document' when d.b < 0.97 then 'location'
            when d.b < 0.9995 then 'sticker' else 'order' end as type) n
  join phrases p on p.id = floor(4096 * d.c)
  join phrases q on q.id = floor(4096 * pg_temp.part(d.id, 5) ^ 2)
 cross join lateral (select concat_ws(' ', p.words, q.words,
                                      case when d.id %% 997 = 0 then 'once' || d.id end) as words
       ) said
 order by d.id
"""

_PEOPLE: LiteralString = """
insert into conversations (id, phone_number_id, display_phone_number, phone_number, user_id,
                           contact_name, message_count, unread_count, last_message_at,
                           last_message_id, last_incoming_at, last_outgoing_at, waiting_since,
                           failed_count, last_id, last_incoming_id, assignee, state_said, labels)
select m.conversation_id, min(m.phone_number_id), min(m.display_phone_number),
       min(m.customer_wa_id), min(m.customer_user_id), min(m.customer_name),
       count(*) filter (where m.direction = 'in'),
       count(*) filter (where m.direction = 'in' and not m.read), max(m.sorted_at), max(m.id),
       max(m.sorted_at) filter (where m.direction = 'in'),
       max(m.sorted_at) filter (where m.direction = 'out'),
       max(m.sorted_at) filter (where m.direction = 'in' and not m.replied),
       count(*) filter (where m.status = 'failed'), max(m.id),
       max(m.id) filter (where m.direction = 'in'),
       case when m.conversation_id % 10 = 0 then 'luis' end,
       case m.conversation_id % 10 when 1 then 'done' when 2 then 'snoozed' else 'open' end,
       case when m.conversation_id % 50 = 0 then '{vip}'::text[] else '{}' end
  from messages m
 group by m.conversation_id;

insert into identities (identity, conversation_id)
select c.phone_number_id || '/u:' || c.user_id, c.id from conversations c
union all
select c.phone_number_id || '/p:' || c.phone_number, null from conversations c;

insert into links (phone_number_id, wa_id, user_id, linked_at)
select c.phone_number_id, c.phone_number, c.user_id, c.last_message_at from conversations c;
"""

_ABOUT: LiteralString = """
insert into statuses (id, phone_number_id, message_id, status, participant, recipient_number,
                      "timestamp", received_at, sorted_at, error_code, error_title)
select m.id, m.phone_number_id, m.message_id, s.status, '', m.customer_wa_id, m.sorted_at,
       m.sorted_at, m.sorted_at, case when s.status = 'failed' then m.error_code end,
       case when s.status = 'failed' then m.error_title end
  from messages m
 cross join lateral (values ('sent', m.sent_at), ('delivered', m.delivered_at),
                            ('read', m.read_at), ('failed', m.failed_at)) as s(status, at)
 where s.at is not null;

insert into reactions (phone_number_id, message_id, reactor, emoji, reacted_at, id)
select m.phone_number_id, m.message_id, m.filed_by, 'x', m.sorted_at, m.id
  from messages m where m.id % 40 = 1;

insert into revisions (id, phone_number_id, message_id, kind, text_body, revised_at)
select m.id, m.phone_number_id, m.message_id,
       case when m.id % 3 = 0 then 'deleted' else 'edited' end, 'edited ' || m.id, m.sorted_at
  from messages m where m.id % 100 = 2;

insert into media (media_id, phone_number_id, id, stream, message_id, mime_type, received_at,
                   expires_at, stored_position, stored_at, failed_position, failed_at, reason,
                   final, attempts)
select m.media ->> 'media_id', m.phone_number_id, m.id, substr(m.filed_by, 2), m.message_id,
       m.media ->> 'mime_type', m.received_at, m.received_at + interval '7 days',
       case when m.id % 50 <> 0 then m.id end, case when m.id % 50 <> 0 then m.received_at end,
       case when m.id % 100 = 0 then m.id end, case when m.id % 100 = 0 then m.received_at end,
       case when m.id % 1000 = 0 then 'expired' else 'http-500' end, m.id % 100 = 0, 5
  from messages m where m.media is not null;
"""

_TEXTS: LiteralString = """
insert into texts (message_id, phone_number_id, id, sorted_at, content_position, content_rank, text)
select m.message_id, m.phone_number_id, m.id, m.sorted_at, m.id, 0,
       findable(jsonb_build_object('text', m.text_body, 'caption', m.caption, 'media', m.media,
                                   'wa_id', m.customer_wa_id, 'profile_name', m.customer_name),
                null, null)
  from messages m
 order by m.id
"""

# What the statistics would make of these messages: each counted at its time, and a wait from the
# first incoming one after an outgoing one to the next of those.
_COUNTS: LiteralString = """
insert into message_counts (width, bucket_at, phone_number_id, direction, message_type, status,
                            error_code, media_state, messages)
select s.width, date_bin(make_interval(mins => s.width), m.sorted_at, 'epoch') as bucket_at,
       m.phone_number_id, m.direction, m.message_type,
       case when m.direction = 'out' then m.status else '' end,
       case when m.status = 'failed' then m.error_code else -1 end,
       case when f.state in ('failed', 'expired') then f.state else '' end, count(*)
  from messages m
  left join media f on f.media_id = m.media ->> 'media_id'
 cross join (values (15), (60), (360)) s(width)
 group by 1, 2, 3, 4, 5, 6, 7, 8
 order by bucket_at, s.width;

insert into counted_waits (person, phone_number_id, began_at, answered_at)
select substr(g.filed_by, 2), min(g.phone_number_id),
       min(g.sorted_at) filter (where g.direction = 'in'),
       min(g.sorted_at) filter (where g.direction = 'out')
  from (
    select m.filed_by, m.phone_number_id, m.sorted_at, m.direction,
           count(*) filter (where m.direction = 'out')
               over (partition by m.filed_by order by m.sorted_at, m.direction
                     rows between unbounded preceding and 1 preceding) as gap
      from messages m
  ) g
 group by g.filed_by, g.gap
having count(*) filter (where g.direction = 'in') > 0;

insert into wait_counts (width, bucket_at, phone_number_id, slot, late, waits)
select s.width, date_bin(make_interval(mins => s.width), w.began_at, 'epoch') as bucket_at,
       w.phone_number_id, w.slot, w.late, count(*)
  from (
    select w.began_at, w.phone_number_id,
           case when w.answered_at is null then -1
                else 1 + floor(ln(extract(epoch from w.answered_at - w.began_at)::float8)
                               / ln(1.1::float8)) end::smallint as slot,
           coalesce(w.answered_at - w.began_at > interval '24 hours', false) as late
      from counted_waits w
  ) w
 cross join (values (15), (60), (360)) s(width)
 group by 1, 2, 3, 4, 5
 order by bucket_at, s.width;

insert into error_titles values (131047, 'Re-engagement message'), (131053, 'Media upload error');
"""

VIEWS = (INBOX, MEDIA, SEARCH, STATS)


def fill(owner: Connection[Any], messages: int, conversations: int) -> None:
    """New active versions of the views with so many messages; their indexes come afterwards.

    `owner` acts as wharf_owner.
    """
    made = {view.name: versions.create(owner, view) for view in VIEWS}
    values = {
        "messages": messages,
        "conversations": conversations,
        "phone": PHONE,
        "numbers": list(NUMBERS),
    }
    with owner.transaction():
        schemas = [version.schema_name for version in made.values()]
        owner.execute("select set_config('search_path', %s, true)", (",".join(schemas),))
        owner.execute("set local work_mem = '256MB'")
        owner.execute(_PART)
        owner.execute(_PHRASES)
        owner.execute(_DRAWN, values)
        owner.execute(_MESSAGES, values)
        owner.execute(_PEOPLE)
        owner.execute(_ABOUT)
        owner.execute(_TEXTS)
        owner.execute(_COUNTS)
    for view in VIEWS:
        owner.execute(
            "update read.versions set position = %s where view = %s", (messages, view.name)
        )
        versions.finish(owner, view, made[view.name])
        versions.activate(owner, view, made[view.name].version)
    owner.execute("vacuum analyze")
