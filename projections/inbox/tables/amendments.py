"""What is later done to messages: reactions, edits and revocations."""

from typing import LiteralString

TABLES: LiteralString = """
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
"""
