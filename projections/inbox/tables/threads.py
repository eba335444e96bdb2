"""Messages, their statuses, and the conversations that they make up."""

from typing import LiteralString

TABLES: LiteralString = """
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
"""
