"""Who is who."""

from typing import LiteralString

TABLES: LiteralString = """
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
"""
