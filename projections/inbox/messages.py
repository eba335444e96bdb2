"""Messages: one row each, whatever of it comes first, and however often."""

from typing import LiteralString

from projections.inbox.identity import OWNER

# Marks count by stream, so they hold whatever conversation the stream turns out to belong to.
MARK_READ: LiteralString = """
with said as (
    insert into marks (stream, read_up_to)
    select s.stream, max(least((b.data ->> 'up_to')::bigint, b.position))
      from batch b
     cross join lateral jsonb_array_elements_text(b.data -> 'streams') as s(stream)
     where b.type = 'ConversationRead'
     group by s.stream
    returning stream, read_up_to
)
insert into identities as i (identity, read_up_to)
select s.stream, s.read_up_to from said s
    on conflict (identity) do update
   set read_up_to = greatest(i.read_up_to, excluded.read_up_to)
"""

# What each message's row will be: the batch's items folded, merged with the row that is there.
# Every merge gives the same whatever comes first: the least of times and of filed_by, the content
# of the message's own item before anything that a status says.
TOUCH: LiteralString = (
    """
insert into touched
select t.message_id, t.phone_number_id, t.id, t.known,
       -- Its conversation is plain only for a row that stays where it is, and for a new one whose
       -- identity has a conversation that is not younger, with or without merges, or was never
       -- heard of.
       case when t.known then t.known_id <> t.id or t.known_filed_by <> t.filed_by
                              or t.known_direction <> t.direction
                              or coalesce(t.known_rank > 0 and t.content_rank = 0, false)
                              or (t.known_timestamp <> t.timestamp
                                  and (t.direction = 'in' or position('/p:' in t.filed_by) > 0))
            else t.identity is not null and i.identity is not null
                 and coalesce(i.own_id > t.id, true) end,
       t.identity,
       case when t.known then t.known_conversation_id
            when i.own_id <= t.id then i.conversation_id
            when i.identity is null and t.identity is not null
                 then min(t.id) filter (where not t.known) over (partition by t.identity) end,
       t.filed_by, t.direction, t.timestamp, t.received_at, least(t.timestamp, t.received_at),
       t.content_position, t.content_rank, t.known and t.known_timestamp <> t.timestamp,
       -- Proof of delivery outranks a failure, whichever came first.
       (t.direction = 'out' and t.failing and not coalesce(t.known_status = any (
            '{deleted,played,read,delivered}'), false))::integer
       - (t.known and t.known_status = 'failed')::integer,
       t.failed_position,
       -- A row that stays what it was is marked by READ, which counts what it marks.
       case when t.known_direction = 'in' and t.known_filed_by = t.filed_by
                 and not coalesce(t.known_rank > 0 and t.content_rank = 0, false)
            then t.known_read else
       t.direction = 'in' and (t.content_rank > 0 or t.id <= coalesce(
           case when t.identity = substr(t.filed_by, 2) then i.read_up_to
                else (select r.read_up_to from identities r
                       where r.identity = substr(t.filed_by, 2)) end, 0)) end,
       t.wa_id, t.user_id, t.parent_user_id, t.username, t.profile_name, t.group_id,
       t.display_number,
       t.accepted_at, t.sent_at, t.delivered_at, t.read_at, t.played_at, t.failed_at, t.deleted_at
  from (
    select n.message_id, n.phone_number_id,
           least(n.first_position, m.id) as id,
           m.id is not null as known, m.id as known_id,
           m.conversation_id as known_conversation_id, m.filed_by as known_filed_by,
           m.direction as known_direction, m.timestamp as known_timestamp,
           m.content_rank as known_rank, m.read as known_read, m.status as known_status,
           (n.failed_at is not null or coalesce(m.status = 'failed', false))
           and coalesce(n.delivered_at, n.read_at, n.played_at, n.deleted_at) is null as failing,
           least(n.filed_by, m.filed_by) as filed_by,
           case when n.incoming or m.direction = 'in' then 'in' else 'out' end as direction,
           case when m.content_rank is null
                then coalesce(n.own_time, least(n.first_time, m.timestamp))
                else least(n.own_time, m.timestamp) end as timestamp,
           case when m.content_rank is null
                then coalesce(n.own_received_at, least(n.first_received_at, m.received_at))
                else m.received_at end as received_at,
           case when n.best >> 60 < coalesce(m.content_rank, 9)
                then n.best & ((1::bigint << 60) - 1) end as content_position,
           least(n.best >> 60, m.content_rank)::smallint as content_rank,
           n.first_position, n.failed_position,
           n.wa_id, n.user_id, n.parent_user_id, n.username, n.profile_name, n.group_id,
           n.display_number,
           n.accepted_at, n.sent_at, n.delivered_at, n.read_at, n.played_at, n.failed_at,
           n.deleted_at,
           owner.identity
      from (
        select b.message_id, b.phone_number_id,
               min(b.position) as first_position,
               min(b.occurred_at) as first_time,
               min(b.received_at) as first_received_at,
               min(b.filed_by) as filed_by,
               bool_or(b.incoming) as incoming,
               -- The best item first, of equals the earliest, in one number.
               min((b.content_rank::bigint << 60) + b.position) as best,
               min(b.occurred_at) filter (where b.content_rank is not null) as own_time,
               min(b.received_at) filter (where b.content_rank is not null) as own_received_at,
               max(b.wa_id) as wa_id, max(b.user_id) as user_id,
               max(b.parent_user_id) as parent_user_id, max(b.username) as username,
               max(b.profile_name) as profile_name,
               max(b.group_id) as group_id, max(b.display_number) as display_number,
               min(b.occurred_at) filter (where b.content_rank is not null and not b.incoming)
                   as accepted_at,
               min(b.occurred_at) filter (where b.status = 'sent') as sent_at,
               min(b.occurred_at) filter (where b.status = 'delivered') as delivered_at,
               min(b.occurred_at) filter (where b.status = 'read') as read_at,
               min(b.occurred_at) filter (where b.status = 'played') as played_at,
               min(b.occurred_at) filter (where b.status = 'failed') as failed_at,
               min(b.occurred_at) filter (where b.status = 'deleted') as deleted_at,
               -- The first failure's, and of failures in the same second the first one's.
               (min(array[(extract(epoch from b.occurred_at) * 1000000)::bigint, b.position])
                    filter (where b.status = 'failed'))[2] as failed_position
          from batch b
         where b.filed_by is not null
         group by b.message_id, b.phone_number_id
      ) n
      left join lateral (
           select k.id, k.conversation_id, k.filed_by, k.direction, k.timestamp, k.received_at,
                  k.content_rank, k.read, k.status
             from messages k
            where k.message_id = n.message_id and k.phone_number_id = n.phone_number_id
            limit 1) m on true
     cross join lateral (
           select substr(least(n.filed_by, m.filed_by), 2) as stream,
                  case when m.content_rank is null
                       then coalesce(n.own_time, least(n.first_time, m.timestamp))
                       else least(n.own_time, m.timestamp) end as at) x
"""
    + OWNER
    + """
    -- Without the fence the owner would be looked up for each mention of it.
    offset 0
  ) t
  left join lateral (
       select k.identity, k.conversation_id, k.own_id, k.read_up_to from identities k
        where k.identity = t.identity
        limit 1) i on true
 -- Rows go into the indexes in this order, and those in order of position cost the least.
 order by t.id
"""
)

MOVE: LiteralString = """
insert into moved (stream)
select substr(t.filed_by, 2) from touched t where t.moved and t.identity is not null
union
select substr(m.filed_by, 2)
  from touched t
 cross join lateral (select k.filed_by from messages k
                      where k.message_id = t.message_id and k.phone_number_id = t.phone_number_id
                      limit 1) m
 where t.moved and t.known
"""

INTRODUCE: LiteralString = """
insert into identities as i (identity, conversation_id, own_id)
select t.identity, min(t.conversation_id), min(t.conversation_id)
  from touched t
 where t.identity is not null and not t.known and not t.moved
   and not exists (select from identities k where k.identity = t.identity)
 group by t.identity
"""

# `replied` is settled here for what the batch brings, from the newest outgoing item of the
# conversation as far as it is known before the batch, and in the batch itself.
_ROWS: LiteralString = """
insert into messages as m (
    id, phone_number_id, message_id, conversation_id, filed_by, direction, message_type,
    content_rank,
    text_body, caption, media, latitude, longitude, name, address, content, context, group_id,
    display_phone_number, customer_wa_id, customer_user_id, customer_parent_user_id,
    customer_username, customer_name, "timestamp", received_at, sorted_at, delivery_id, pointer,
    read, replied, accepted_at, sent_at, delivered_at, read_at, played_at, failed_at, deleted_at,
    error_code, error_title, error_details)
select t.id, t.phone_number_id, t.message_id, t.conversation_id, t.filed_by, t.direction,
       c.data ->> 'message_type', t.content_rank, c.data ->> 'text',
       c.data ->> 'caption', c.data -> 'media',
       (c.data -> 'location' ->> 'latitude')::double precision,
       (c.data -> 'location' ->> 'longitude')::double precision,
       c.data -> 'location' ->> 'name', c.data -> 'location' ->> 'address',
       nullif(c.data - array['message_type', 'text', 'caption', 'media', 'context', 'group_id',
                             'display_phone_number', 'phone_number_id', 'message_id', 'wa_id',
                             'user_id', 'parent_user_id', 'username', 'profile_name', 'timestamp',
                             'received_at', 'direction', 'history_status', 'phase'],
              '{}'),
       c.data -> 'context', t.group_id, t.display_number,
       t.wa_id, t.user_id, t.parent_user_id, t.username, t.profile_name,
       t.timestamp, t.received_at, t.sorted_at, c.delivery_id, c.pointer,
       t.read,
       t.direction = 'in' and coalesce(
           t.sorted_at <= greatest(a.last_outgoing_at, a.outgoing_was), false),
       t.accepted_at, t.sent_at, t.delivered_at, t.read_at, t.played_at, t.failed_at, t.deleted_at,
       case when e.error ->> 'code' ~ '^[0-9]{1,9}$' then (e.error ->> 'code')::integer end,
       e.error ->> 'title', e.error ->> 'details'
  from touched t
  left join tallies a on a.conversation_id = t.conversation_id
  -- Of the batch only what can be meant: the hash of all of it costs a tenth of this statement.
  left join batch c on c.position = t.content_position and c.content_rank is not null
  left join batch s on s.position = t.failed_position and s.status = 'failed'
 cross join lateral (select coalesce(s.data, c.data) -> 'errors' -> 0 as error) e
"""

INSERT: LiteralString = _ROWS + " where not t.known"


def _each(rule: LiteralString, *columns: LiteralString) -> LiteralString:
    """The rule for each of the columns, as assignments of an update."""
    return "".join([rule.replace("COLUMN", column) for column in columns])


_BETTER_CONTENT: LiteralString = """
       COLUMN = case when excluded.content_rank < coalesce(m.content_rank, 9)
                     then excluded.COLUMN else m.COLUMN end,"""
_FIRST_TIME: LiteralString = """
       COLUMN = least(m.COLUMN, excluded.COLUMN),"""
# People are the same in all items of a message; one that says less takes nothing away.
_WHOEVER_SAYS_IT: LiteralString = """
       COLUMN = greatest(m.COLUMN, excluded.COLUMN),"""
_FIRST_FAILURE: LiteralString = """
       COLUMN = case when excluded.failed_at < coalesce(m.failed_at, 'infinity')
                     then excluded.COLUMN
                     when m.failed_at is not null then m.COLUMN
                     else coalesce(m.COLUMN, excluded.COLUMN) end,"""

# Only the projector writes here, and it knows which rows there are: those alone pay for a look
# before the insert.
MERGE: LiteralString = (
    _ROWS
    + """
 where t.known
    on conflict (message_id, phone_number_id) do update set"""
    + _each(
        _BETTER_CONTENT,
        "message_type",
        "text_body",
        "caption",
        "media",
        "latitude",
        "longitude",
        "name",
        "address",
        "content",
        "context",
        "delivery_id",
        "pointer",
    )
    + _each(
        _WHOEVER_SAYS_IT,
        "group_id",
        "display_phone_number",
        "customer_wa_id",
        "customer_user_id",
        "customer_parent_user_id",
        "customer_username",
        "customer_name",
    )
    + _each(
        _FIRST_TIME,
        "accepted_at",
        "sent_at",
        "delivered_at",
        "read_at",
        "played_at",
        "failed_at",
        "deleted_at",
    )
    + _each(_FIRST_FAILURE, "error_code", "error_title", "error_details")
    + """
       id = excluded.id,
       filed_by = excluded.filed_by,
       direction = excluded.direction,
       content_rank = excluded.content_rank,
       "timestamp" = excluded.timestamp,
       received_at = excluded.received_at,
       sorted_at = excluded.sorted_at,
       read = excluded.read,
       replied = m.replied or excluded.replied
"""
)
