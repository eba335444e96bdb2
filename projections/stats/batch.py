"""The batch: what the statistics need of the events of a range, taken out of the log once.

As in the inbox it lies in temporary tables, made once per session and emptied at each commit.
"""

from typing import LiteralString

from projections.stats import acts

EVENT_TYPES = (
    "MessageReceived",
    "MessageSent",
    "MessageImported",
    "StatusChanged",
    "ReactionChanged",
    "MessageEdited",
    "MessageRevoked",
    "ContactIdentityChanged",
    "ConversationsMerged",
    "ConversationsUnmerged",
    "MediaStored",
    "MediaFailed",
    "MediaRequested",
    *acts.EVENT_TYPES,
)

TEMPORARY_TABLES: LiteralString = """
create temporary table if not exists stats_items (
    position        bigint not null,
    type            text collate "C" not null,
    occurred_at     timestamptz not null,
    received_at     timestamptz not null,
    phone_number_id text collate "C",
    message_id      text collate "C",
    wa_id           text collate "C",
    user_id         text collate "C",
    step            smallint,
    -- Null for what is no item of a message.
    filed_by        text collate "C",
    -- Null for what brings no content.
    content         bigint,
    incoming        boolean not null,
    message_type    text collate "C",
    media_id        text collate "C",
    error           jsonb,
    reason          text,
    final           boolean,
    -- Of what says who is who, and of what our people did; and who did it.
    data            jsonb,
    actor           text collate "C"
) on commit delete rows;

-- One row per message that has to be counted anew, with what the batch's items say of it: all
-- null where only its file or its person is concerned.
create temporary table if not exists stats_touched (
    message_id      text collate "C" not null,
    phone_number_id text collate "C" not null,
    filed_by        text collate "C",
    incoming        boolean,
    content         bigint,
    own_time        timestamptz,
    own_received_at timestamptz,
    first_time      timestamptz,
    first_received_at timestamptz,
    step            smallint,
    first_failure   bigint[]
) on commit delete rows;

-- Streams whose people have to be worked out anew, all those whom that concerns, and who they are.
create temporary table if not exists stats_moved (
    stream text collate "C" not null
) on commit delete rows;

create temporary table if not exists stats_kin (
    stream text collate "C" not null
) on commit delete rows;

create temporary table if not exists stats_regrouped (
    identity text collate "C" not null,
    person   text collate "C" not null
) on commit delete rows;

create temporary table if not exists stats_refiled (
    media_id        text collate "C" not null,
    phone_number_id text collate "C" not null
) on commit delete rows;

-- What messages were counted as before the batch (-1) and are counted as after it (1).
create temporary table if not exists stats_changes (
    sign            smallint not null,
    person          text collate "C",
    counted_at      timestamptz not null,
    bucket_at       timestamptz not null,
    phone_number_id text collate "C" not null,
    direction       text collate "C" not null,
    message_type    text collate "C" not null,
    status          text collate "C" not null,
    error_code      integer not null,
    media_state     text collate "C" not null
) on commit delete rows;

-- The times between two messages to a person in which something has changed.
create temporary table if not exists stats_gaps (
    person   text collate "C" not null,
    after_at timestamptz not null,
    until_at timestamptz not null
) on commit delete rows;

create temporary table if not exists stats_wait_changes (
    sign            smallint not null,
    person          text collate "C" not null,
    phone_number_id text collate "C" not null,
    began_at        timestamptz not null,
    answered_at     timestamptz
) on commit delete rows;
"""

# How items file their message, and which of them bring its content, is as in the inbox: an item of
# its own says it best, then a status with a user id (or a group), then one with a phone alone, last
# one that names nobody; and the message itself comes before a phone's history, a placeholder there
# last. In the history an outgoing message has its last status with it.
STAGE: LiteralString = """
insert into stats_items
select e.position, e.type, e.occurred_at,
       coalesce((e.data ->> 'received_at')::timestamptz, e.recorded_at),
       coalesce(e.data ->> 'phone_number_id', split_part(e.stream, '/', 1)),
       e.data ->> 'message_id',
       coalesce(e.data ->> 'wa_id', e.data ->> 'new_wa_id'),
       coalesce(e.data ->> 'user_id', e.data ->> 'new_user_id'),
       case case when e.type = 'StatusChanged' then e.data ->> 'status'
                 when e.type = 'MessageImported' and e.data ->> 'direction' = 'outgoing'
                 then case e.data ->> 'history_status' when 'ERROR' then 'failed'
                      else lower(e.data ->> 'history_status') end end
           when 'sent' then 1 when 'failed' then 2 when 'delivered' then 3 when 'read' then 4
           when 'played' then 5 when 'deleted' then 6 else 0 end,
       case
           when e.type in ('MessageReceived', 'MessageSent', 'MessageImported') then '0'
           when e.type <> 'StatusChanged' then null
           when position('/p:' in e.stream) > 0 then '2'
           when position('/' in e.stream) > 0 then '1'
           else '3'
       end || e.stream,
       e.position + (1::bigint << 60) *
       case when e.type in ('MessageReceived', 'MessageSent') then 0
            when e.type <> 'MessageImported' then null
            when e.data ->> 'message_type' = 'media_placeholder' then 2
            else 1 end,
       e.type = 'MessageReceived'
       or e.type = 'MessageImported' and e.data ->> 'direction' = 'incoming',
       e.data ->> 'message_type',
       case when e.type in ('MediaStored', 'MediaFailed', 'MediaRequested')
            then e.data ->> 'media_id' else e.data -> 'media' ->> 'media_id' end,
       e.data -> 'errors' -> 0, e.data ->> 'reason', (e.data ->> 'final')::boolean,
       case when e.type in ('ContactIdentityChanged', 'ConversationsMerged',
                            'ConversationsUnmerged', 'ConversationAssigned',
                            'ConversationStateChanged') or e.actor is not null
            then e.data - array['raw', 'body', 'streams'] end,
       e.actor
  from (
    -- Behind the fence each event is brought into its latest shape once, not for each mention.
    select * from log.current e
     where e.position > %(after)s and e.position <= %(to)s
       and e.type in ('MessageReceived', 'MessageSent', 'MessageImported', 'StatusChanged',
                      'ReactionChanged', 'MessageEdited', 'MessageRevoked',
                      'ContactIdentityChanged', 'ConversationsMerged', 'ConversationsUnmerged',
                      'MediaStored', 'MediaFailed', 'MediaRequested', 'NoteAdded', 'NoteEdited',
                      'NoteDeleted', 'ConversationAssigned', 'ConversationStateChanged',
                      'LabelsChanged', 'CustomerDetailsChanged')
    offset 0
  ) e
"""
