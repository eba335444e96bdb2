"""What our people say of conversations."""

from typing import LiteralString

TABLES: LiteralString = """
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
"""
