"""The batch: what the inbox needs of the events of a range, taken out of the log once.

A batch lives in temporary tables, so each statement reads columns instead of JSON. They are made
once per session and emptied at each commit.
"""

from typing import LiteralString

EVENT_TYPES = (
    "MessageReceived",
    "MessageSent",
    "MessageImported",
    "StatusChanged",
    "ConversationRead",
    "ReactionChanged",
    "MessageEdited",
    "MessageRevoked",
    "ContactIdentityChanged",
    "ConversationsMerged",
    "ConversationsUnmerged",
    "ConversationMarkedUnread",
    "NoteAdded",
    "NoteEdited",
    "NoteDeleted",
    "CustomerDetailsChanged",
    "ConversationAssigned",
    "ConversationStateChanged",
    "LabelsChanged",
)

TEMPORARY_TABLES: LiteralString = """
create temporary table if not exists batch (
    position        bigint not null,
    type            text collate "C" not null,
    stream          text collate "C" not null,
    occurred_at     timestamptz not null,
    received_at     timestamptz not null,
    delivery_id     bigint,
    pointer         text,
    phone_number_id text collate "C",
    message_id      text collate "C",
    wa_id           text collate "C",
    user_id         text collate "C",
    status          text collate "C",
    parent_user_id  text,
    username        text,
    profile_name    text,
    group_id        text,
    display_number  text,
    filed_by        text collate "C",
    -- How good the item is as the message's content: 0 the message itself, 1 from a phone's
    -- history, 2 a placeholder from there; null for what is only said of a message.
    content_rank    smallint,
    incoming        boolean not null,
    data            jsonb
) on commit delete rows;

-- One row per message that the batch speaks of, as the row in messages will be.
create temporary table if not exists touched (
    message_id          text collate "C" not null,
    phone_number_id     text collate "C" not null,
    id                  bigint not null,
    known               boolean not null,
    -- The message goes to another conversation, or it is not clear yet to which: refile decides.
    moved               boolean not null,
    identity            text collate "C",
    conversation_id     bigint,
    filed_by            text collate "C" not null,
    direction           text collate "C" not null,
    "timestamp"         timestamptz not null,
    received_at         timestamptz not null,
    sorted_at           timestamptz not null,
    -- The event that gives the row its content; null if the row has it already or none is known.
    content_position    bigint,
    content_rank        smallint,
    -- An outgoing message turned out to be older than it seemed.
    retimed             boolean not null,
    -- 1 if the message has failed by now, -1 if it turns out not to have.
    failed              integer not null,
    failed_position     bigint,
    read                boolean not null,
    wa_id               text,
    user_id             text,
    parent_user_id      text,
    username            text,
    profile_name        text,
    group_id            text,
    display_number      text,
    accepted_at         timestamptz,
    sent_at             timestamptz,
    delivered_at        timestamptz,
    read_at             timestamptz,
    played_at           timestamptz,
    failed_at           timestamptz,
    deleted_at          timestamptz
) on commit delete rows;

-- Streams whose conversations have to be worked out anew.
create temporary table if not exists moved (
    stream text collate "C" not null
) on commit delete rows;

create temporary table if not exists marks (
    stream     text collate "C" not null,
    read_up_to bigint not null
) on commit delete rows;

create temporary table if not exists tallies (
    conversation_id  bigint not null,
    incoming         bigint not null,
    unread           bigint not null,
    last_incoming_at timestamptz,
    last_outgoing_at timestamptz,
    first_incoming_at timestamptz,
    retimed          boolean not null,
    failed           bigint not null,
    last_id          bigint,
    last_incoming_id bigint,
    outgoing_was     timestamptz,
    incoming_was     timestamptz,
    waiting_was      timestamptz
) on commit delete rows;
"""

EMPTY: LiteralString = "truncate batch, touched, moved, marks, tallies"

# What was translated again keeps its delivery's time. A status in a phone's history has none; it
# is taken to be the message's own.
# How a message is filed: an item of its own says it best, then a status with a user id (or a
# group), then one with a phone alone, last one that names nobody.
STAGE: LiteralString = """
insert into batch
select e.position, e.type, e.stream, e.occurred_at,
       coalesce((e.data ->> 'received_at')::timestamptz, e.recorded_at), e.delivery_id, e.pointer,
       e.data ->> 'phone_number_id', e.data ->> 'message_id',
       coalesce(e.data ->> 'wa_id', e.data ->> 'new_wa_id'),
       coalesce(e.data ->> 'user_id', e.data ->> 'new_user_id'),
       case when e.type <> 'MessageImported' then e.data ->> 'status'
            when e.data ->> 'direction' = 'outgoing' then
                case e.data ->> 'history_status' when 'ERROR' then 'failed'
                     else lower(e.data ->> 'history_status') end end,
       e.data ->> 'parent_user_id', e.data ->> 'username',
       e.data ->> 'profile_name', e.data ->> 'group_id', e.data ->> 'display_phone_number',
       case
           when e.type in ('MessageReceived', 'MessageSent', 'MessageImported') then '0'
           when e.type <> 'StatusChanged' then null
           when position('/p:' in e.stream) > 0 then '2'
           when position('/' in e.stream) > 0 then '1'
           else '3'
       end || e.stream,
       case when e.type in ('MessageReceived', 'MessageSent') then 0
            when e.type <> 'MessageImported' then null
            when e.data ->> 'message_type' = 'media_placeholder' then 2
            else 1 end,
       e.type = 'MessageReceived'
       or e.type = 'MessageImported' and e.data ->> 'direction' = 'incoming',
       e.data - 'raw'
  from (
    -- Behind the fence each event is brought into its latest shape once, not for each mention.
    select * from log.current e
     where e.position > %(after)s and e.position <= %(to)s
       and e.type in ('MessageReceived', 'MessageSent', 'MessageImported', 'StatusChanged',
                      'ConversationRead', 'ReactionChanged', 'MessageEdited', 'MessageRevoked',
                      'ContactIdentityChanged', 'ConversationMarkedUnread', 'NoteAdded',
                      'NoteEdited', 'NoteDeleted', 'CustomerDetailsChanged',
                      'ConversationAssigned', 'ConversationStateChanged', 'LabelsChanged',
                      'ConversationsMerged', 'ConversationsUnmerged')
    offset 0
  ) e
"""
