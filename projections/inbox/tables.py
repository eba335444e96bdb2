"""The tables of the view `inbox`, without now() and serials: a rebuild gives the same bytes.

Tables are named without their schema: search_path says which version of the view is meant.
"""

from typing import LiteralString

from projections.inbox.identity import OWNER

TABLES: LiteralString = (
    """
create table messages (
    -- The least position of the message's events: survives a rebuild.
    id                      bigint not null,
    phone_number_id         text collate "C" not null,
    message_id              text collate "C" not null,
    -- Null for a status that names nobody we know a conversation with.
    conversation_id         bigint,
    -- Which of the message's items says whose conversation it belongs to: a digit of preference
    -- and the item's stream. The least wins, whatever comes first.
    filed_by                text collate "C" not null,
    direction               text collate "C" not null,
    -- Null while only statuses speak of the message: it was sent by another system.
    message_type            text collate "C",
    -- Where type and content come from: 0 the message itself, 1 a phone's history, 2 a
    -- placeholder in it. What is known from history alone counts as read.
    content_rank            smallint,
    text_body               text,
    caption                 text,
    media                   jsonb,
    latitude                double precision,
    longitude               double precision,
    name                    text,
    address                 text,
    content                 jsonb,
    context                 jsonb,
    group_id                text,
    display_phone_number    text,
    customer_wa_id          text,
    customer_user_id        text,
    customer_parent_user_id text,
    customer_username       text,
    customer_name           text,
    "timestamp"             timestamptz not null,
    received_at             timestamptz not null,
    -- The lesser of both: a sender's time in the future pins nothing on top.
    sorted_at               timestamptz not null,
    delivery_id             bigint,
    pointer                 text,
    read                    boolean not null default false,
    replied                 boolean not null default false,
    -- The first time of each step; the status follows from them.
    accepted_at             timestamptz,
    sent_at                 timestamptz,
    delivered_at            timestamptz,
    read_at                 timestamptz,
    played_at               timestamptz,
    failed_at               timestamptz,
    deleted_at              timestamptz,
    error_code              integer,
    error_title             text,
    error_details           text,
    status                  text collate "C" generated always as (
        case
            when direction = 'in' then
                case when replied then 'replied' when read then 'read' else 'received' end
            when deleted_at is not null then 'deleted'
            when played_at is not null then 'played'
            when read_at is not null then 'read'
            when delivered_at is not null then 'delivered'
            when failed_at is not null then 'failed'
            when sent_at is not null then 'sent'
            else 'accepted'
        end) stored,
    constraint messages_pkey primary key (id),
    constraint messages_one_row_per_message unique (message_id, phone_number_id)
) with (fillfactor = 70);

create table statuses (
    id                bigint not null,
    phone_number_id   text collate "C" not null,
    message_id        text collate "C" not null,
    status            text collate "C" not null,
    -- In groups each participant has a status of its own; '' elsewhere.
    participant       text collate "C" not null,
    recipient_number  text collate "C",
    recipient_user_id text collate "C",
    group_id          text collate "C",
    "timestamp"       timestamptz not null,
    received_at       timestamptz not null,
    sorted_at         timestamptz not null,
    error_code        integer,
    error_title       text,
    error_message     text,
    error_details     text,
    errors            jsonb,
    pricing           jsonb,
    conversation      jsonb,
    callback_data     text,
    delivery_id       bigint,
    pointer           text,
    constraint statuses_pkey primary key (message_id, status, participant, phone_number_id)
);

create table conversations (
    -- The least id of its messages.
    id                      bigint not null,
    phone_number_id         text collate "C" not null,
    display_phone_number    text,
    group_id                text collate "C",
    phone_number            text collate "C",
    user_id                 text collate "C",
    parent_user_id          text,
    username                text,
    contact_name            text,
    message_count           bigint not null,
    unread_count            bigint not null,
    last_message_at         timestamptz not null,
    last_message_id         bigint not null,
    last_incoming_at        timestamptz,
    last_outgoing_at        timestamptz,
    -- The time of the oldest incoming message that nothing outgoing is as new as.
    waiting_since           timestamptz,
    failed_count            bigint not null default 0,
    -- The greatest id of its messages, and of those that customers sent to us as we were there.
    last_id                 bigint not null default 0,
    last_incoming_id        bigint,
    -- What our people say of it: details and notes, folded. The position is of what they said last.
    said_id                 bigint not null default 0,
    assignee                text collate "C",
    state_said              text collate "C" not null default 'open',
    state_id                bigint not null default 0,
    snoozed_until           timestamptz,
    labels                  text[] not null default '{}',
    marked_unread           boolean not null default false,
    customer_email          text,
    display_name            text,
    external_id             text collate "C",
    attributes              jsonb not null default '{}',
    notes_count             bigint not null default 0,
    -- Whoever writes to us opens what was done or put off: what came after it was said counts.
    state                   text collate "C" generated always as (
        case when last_incoming_id > state_id then 'open' else state_said end) stored,
    unread                  boolean generated always as (
        unread_count > 0 or marked_unread) stored,
    -- What a list by name is sorted by.
    name                    text collate "C" generated always as (
        lower(coalesce(display_name, contact_name, username, phone_number collate "default",
                       user_id, group_id, ''))) stored,
    constraint conversations_pkey primary key (id)
) with (fillfactor = 80);

-- What our people say of a conversation, each thing as it was said last.
create table details (
    -- The conversation's id when it was said, which is that of a message: what is said holds for
    -- whatever conversation that message belongs to.
    filed_under     bigint not null,
    -- assignee, state, unread, read, label, email, display_name, external_id or attribute.
    name            text collate "C" not null,
    -- Which label or attribute; '' elsewhere.
    key             text collate "C" not null,
    conversation_id bigint,
    -- Null when it was taken back.
    value           jsonb,
    -- The position of the event, and the stream that it stands in.
    id              bigint not null,
    stream          text collate "C" not null,
    constraint details_pkey primary key (filed_under, name, key)
);

create table notes (
    -- The position of its first event.
    id              bigint not null,
    filed_under     bigint not null,
    conversation_id bigint,
    stream          text collate "C" not null,
    body            text not null,
    author          text,
    created_at      timestamptz not null,
    edited_at       timestamptz,
    edited_by       text,
    deleted_at      timestamptz,
    -- The position of its last event.
    changed_id      bigint not null,
    constraint notes_pkey primary key (id)
);

-- Whatever a note ever said.
create table note_versions (
    id         bigint not null,
    note_id    bigint not null,
    -- Null when it was deleted.
    body       text,
    author     text,
    written_at timestamptz not null,
    constraint note_versions_pkey primary key (id)
);

-- Who is who. An identity is a stream of the log or, where a phone changed hands by a system
-- message, that phone's stream from then on (`…/p:5511…#<seconds>`).
create table identities (
    identity        text collate "C" not null,
    -- Null for a phone whose items all belong to user ids.
    conversation_id bigint,
    -- What its conversation would be if nobody had merged it: what Meta's items say.
    own_id          bigint,
    read_up_to      bigint not null default 0,
    constraint identities_pkey primary key (identity)
);

-- An item with a user id and a phone links the two; the time is the earliest such item's.
create table links (
    phone_number_id text collate "C" not null,
    wa_id           text collate "C" not null,
    user_id         text collate "C" not null,
    linked_at       timestamptz not null,
    constraint links_pkey primary key (phone_number_id, wa_id, user_id)
);

-- A system message says that whoever was the one from a time on is the other.
create table continuations (
    old_stream   text collate "C" not null,
    new_stream   text collate "C" not null,
    continued_at timestamptz not null,
    constraint continuations_pkey primary key (old_stream, new_stream)
);

-- ... and that its phone is its no more: what comes from that phone later is somebody else's.
create table departures (
    stream       text collate "C" not null,
    other_stream text collate "C" not null,
    departed_at  timestamptz not null,
    constraint departures_pkey primary key (stream, other_stream)
);

-- Two people who are one because somebody of ours said so, until it is said to be undone.
create table merges (
    -- The position of the event that merged them.
    id              bigint not null,
    -- Whoever the stream belonged to at the time, and the identity that this is by now.
    stream          text collate "C" not null,
    "at"            timestamptz not null,
    identity        text collate "C",
    other_stream    text collate "C" not null,
    other_at        timestamptz not null,
    other_identity  text collate "C",
    -- Null while only the end of it is known: events that failed are applied late.
    merged_at       timestamptz,
    merged_by       text,
    undone_position bigint,
    undone_at       timestamptz,
    undone_by       text,
    constraint merges_pkey primary key (id)
);

-- Folded by the reader: the target may come later, or never.
create table reactions (
    phone_number_id text collate "C" not null,
    message_id      text collate "C" not null,
    -- 'business', or the person as the reaction names them.
    reactor         text collate "C" not null,
    -- Null when it was taken back.
    emoji           text,
    reacted_at      timestamptz not null,
    id              bigint not null,
    constraint reactions_pkey primary key (message_id, reactor, phone_number_id)
);

create table revisions (
    id              bigint not null,
    phone_number_id text collate "C" not null,
    message_id      text collate "C" not null,
    kind            text collate "C" not null,
    -- Null where the person did it.
    author          text,
    text_body       text,
    caption         text,
    media           jsonb,
    revised_at      timestamptz not null,
    constraint revisions_pkey primary key (id)
);

-- What the view's own statements look things up by; INDEXES are what its readers need besides.
-- A conversation's thread, its newest message, and the recount of a refiled one.
create index messages_by_conversation on messages (conversation_id, sorted_at, id);
-- What a ConversationRead marks: a stream up to a position.
create index messages_unread on messages (substr(filed_by, 2), id)
    where direction = 'in' and not read;
create index links_by_user on links (user_id);
create index continuations_by_new on continuations (new_stream);
create index merges_by_stream on merges (stream);
create index merges_by_other_stream on merges (other_stream);
create index details_by_conversation on details (conversation_id);
create index notes_by_conversation on notes (conversation_id, id);
create index notes_by_filing on notes (filed_under);
create index note_versions_by_note on note_versions (note_id, id);

-- For readers: whose an item with this stream and time is. One rule, in one place.
create function owner_of(stream text, "at" timestamptz) returns text
language sql stable parallel safe as $$
select owner.identity from (select $1 as stream, $2 as at) x
"""
    + OWNER
    + """
$$;
"""
)

# Made after the rows when a version is built: building an index costs less than keeping it up.
INDEXES: LiteralString = """
-- GET messages/, newest first, as they arrived, and of one type.
create index messages_by_time on messages (sorted_at, id);
create index messages_by_arrival on messages (received_at, id);
-- Of one business number, and for keys that may see some alone: a number can have few messages.
create index messages_by_number on messages (phone_number_id, sorted_at, id);
create index messages_by_type on messages (message_type, sorted_at, id);
-- What is rare and looked for: each costs only the rows that are in it. By the steps and not by the
-- status: a status in an index would make each step of each message touch all indexes.
create index messages_of_error on messages (error_code, sorted_at, id)
    where error_code is not null;
create index messages_unread_by_time on messages (sorted_at, id)
    where direction = 'in' and not read;
create index messages_failed_by_time on messages (sorted_at, id) where failed_at is not null;
create index messages_deleted_by_time on messages (sorted_at, id) where deleted_at is not null;
create index messages_played_by_time on messages (sorted_at, id) where played_at is not null;
create index messages_by_media on messages ((media ->> 'media_id'), phone_number_id)
    where media is not null;
-- GET statuses/, newest first, and of one phone.
create index statuses_by_time on statuses (sorted_at, id);
create index statuses_by_number on statuses (phone_number_id, sorted_at, id);
create index statuses_by_recipient on statuses (recipient_number, sorted_at, id);
create index statuses_of_error on statuses (error_code, sorted_at, id)
    where error_code is not null;
create index statuses_unusual on statuses (status, sorted_at, id)
    where status not in ('sent', 'delivered', 'read');
-- GET conversations/ in each of its orders: newest first, the unread ones first, by name, by the
-- end of the window, by how long they wait; a time in place of what is missing.
create index conversations_by_time on conversations (last_message_at, id);
create index conversations_by_number on conversations (phone_number_id, last_message_at, id);
create index conversations_by_unread on conversations (unread, last_message_at, id);
create index conversations_by_name on conversations (name, id);
create index conversations_by_window
    on conversations (coalesce(last_incoming_at, '1970-01-01 UTC'), id);
create index conversations_by_waiting
    on conversations (coalesce(waiting_since, '9999-01-01 UTC'), id);
-- ... and those that a filter leaves, as far as they are the fewer.
create index conversations_assigned on conversations (assignee, last_message_at, id)
    where assignee is not null;
create index conversations_not_open on conversations (state, last_message_at, id)
    where state <> 'open';
create index conversations_failed on conversations (last_message_at, id) where failed_count > 0;
create index conversations_labelled on conversations using gin (labels) where labels <> '{}';
create index conversations_by_phone on conversations (phone_number);
create index conversations_by_external_id on conversations (external_id)
    where external_id is not null;
-- GET customers/ by the names and addresses that our people gave, which are few.
create index conversations_named_by_us on conversations (id) where display_name is not null;
create index conversations_with_email on conversations (id) where customer_email is not null;
create index identities_by_conversation on identities (conversation_id);
create index links_by_phone on links (wa_id);
-- The last digits of a phone.
create index links_by_phone_end on links (reverse(wa_id));
create index identities_by_phone_end on identities (reverse(split_part(identity, '#', 1)))
    where position('/p:' in identity) > 0;
create index merges_by_identity on merges (identity);
create index merges_by_other_identity on merges (other_identity);
create index revisions_by_message on revisions (message_id, phone_number_id);
"""

# For people with psql: the active version of the tables under names that stay.
PLAIN_VIEWS: dict[str, LiteralString] = {
    "messages": """
select id, phone_number_id, message_id, conversation_id, direction, message_type, status, text_body,
       caption, media, latitude, longitude, name, address, content, context, group_id,
       display_phone_number, customer_wa_id, customer_user_id, customer_parent_user_id,
       customer_username, customer_name, "timestamp", received_at, sorted_at, delivery_id, pointer,
       accepted_at, sent_at, delivered_at, read_at, played_at, failed_at, deleted_at,
       error_code, error_title, error_details,
       exists (select from revisions v
                where v.message_id = m.message_id and v.phone_number_id = m.phone_number_id
                  and v.kind = 'edited') as edited,
       exists (select from revisions v
                where v.message_id = m.message_id and v.phone_number_id = m.phone_number_id
                  and v.kind = 'deleted') as deleted
  from messages m
""",
    "statuses": """
select id, phone_number_id, message_id, status, participant, recipient_number, recipient_user_id,
       group_id, "timestamp", received_at, error_code, error_title, error_message, error_details,
       errors, pricing, conversation, callback_data, delivery_id, pointer
  from statuses
""",
    "conversations": """
select id, phone_number_id, display_phone_number, group_id, phone_number, user_id, parent_user_id,
       username, contact_name, display_name, customer_email, external_id, attributes,
       message_count, unread_count, marked_unread, failed_count, last_message_at, last_message_id,
       last_incoming_at, last_outgoing_at, waiting_since,
       last_incoming_at + interval '24 hours' as window_expires_at,
       assignee, state, snoozed_until, labels, notes_count,
       (select string_agg(n.body, e'\\n\\n' order by n.id) from notes n
         where n.conversation_id = c.id and n.deleted_at is null) as notes
  from conversations c
""",
    "notes": """
select id, conversation_id, body, author, created_at, edited_at, edited_by
  from notes
 where deleted_at is null
""",
    "reactions": """
select phone_number_id, message_id, reactor, emoji, reacted_at, id
  from reactions
""",
    "revisions": """
select id, phone_number_id, message_id, kind, author, text_body, caption, media, revised_at
  from revisions
""",
}
