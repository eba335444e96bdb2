"""The tables of the view `stats`: counts by quarters of an hour, and the rows that make them exact.

What is asked is read from `message_counts` and `wait_counts` alone. The tables whose names begin
with `counted` say what each message, file and wait was counted as, so that whatever is learnt
later is taken away from the one count and added to the other.
"""

from typing import LiteralString

TABLES: LiteralString = """
create table counted_messages (
    phone_number_id   text collate "C" not null,
    message_id        text collate "C" not null,
    -- Which of the message's items says whose it is: a digit of preference and the item's stream.
    -- The least wins, whatever comes first.
    filed_by          text collate "C" not null,
    -- Whose wait it begins, goes on with or ends: an identity; null for nobody's.
    person            text collate "C",
    direction         text collate "C" not null,
    -- The best of the items that bring content, and of equals the first: how good it is in the
    -- upper four bits, and its position. Null while only statuses speak of the message.
    content           bigint,
    message_type      text collate "C",
    media_id          text collate "C",
    -- Set when the file was given up.
    media_state       text collate "C",
    -- The earliest times of the items with content or, while there is none, of all.
    sent_at           timestamptz not null,
    received_at       timestamptz not null,
    -- The lesser of both: a sender's time in the future counts as the time of arrival.
    counted_at        timestamptz not null,
    -- The furthest step: 0 accepted, 1 sent, 2 failed, 3 delivered, 4 read, 5 played, 6 deleted.
    step              smallint not null,
    -- Microseconds since 1970 and position of the first failure, and its code.
    first_failure     bigint[],
    error_code        integer,
    constraint counted_messages_pkey primary key (message_id, phone_number_id)
) with (fillfactor = 80);

-- What became of files, as far as the counts ask.
create table counted_files (
    media_id           text collate "C" not null,
    phone_number_id    text collate "C" not null,
    stored             boolean not null,
    -- The latest failure, and the latest wish to try again.
    failed_position    bigint,
    final              boolean,
    expired            boolean,
    requested_position bigint,
    constraint counted_files_pkey primary key (media_id, phone_number_id)
);

-- Who is who, by the rules and in the shapes of the inbox (projections/people), so that a wait is
-- the wait of one conversation there.
create table counted_links (
    phone_number_id text collate "C" not null,
    wa_id           text collate "C" not null,
    user_id         text collate "C" not null,
    linked_at       timestamptz not null,
    constraint counted_links_pkey primary key (phone_number_id, wa_id, user_id)
);

create table counted_continuations (
    old_stream   text collate "C" not null,
    new_stream   text collate "C" not null,
    continued_at timestamptz not null,
    constraint counted_continuations_pkey primary key (old_stream, new_stream)
);

create table counted_departures (
    stream       text collate "C" not null,
    other_stream text collate "C" not null,
    departed_at  timestamptz not null,
    constraint counted_departures_pkey primary key (stream, other_stream)
);

create table counted_merges (
    id              bigint not null,
    stream          text collate "C" not null,
    "at"            timestamptz not null,
    identity        text collate "C",
    other_stream    text collate "C" not null,
    other_at        timestamptz not null,
    other_identity  text collate "C",
    merged_at       timestamptz,
    merged_by       text,
    undone_position bigint,
    undone_at       timestamptz,
    undone_by       text,
    constraint counted_merges_pkey primary key (id)
);

-- The streams that a system message or a merge speaks of.
create table counted_identities (
    identity text collate "C" not null,
    constraint counted_identities_pkey primary key (identity)
);

-- Identities that are one with others, and the least of those, by which the person goes.
create table counted_people (
    identity text collate "C" not null,
    person   text collate "C" not null,
    constraint counted_people_pkey primary key (identity)
);

-- A wait begins with the first message after which nothing was sent to the person, and ends with
-- the first that was.
create table counted_waits (
    person          text collate "C" not null,
    phone_number_id text collate "C" not null,
    began_at        timestamptz not null,
    -- Null while it goes on.
    answered_at     timestamptz,
    constraint counted_waits_pkey primary key (person, began_at)
);

-- What Meta calls an error; of several titles the least.
create table error_titles (
    error_code  integer not null,
    error_title text not null,
    constraint error_titles_pkey primary key (error_code)
);

-- What a user or a key did with a conversation: note, done, other; and assigned, for who was given
-- one. The id is that of the event, and the conversation's that of a message.
create table counted_acts (
    id              bigint not null,
    act             text collate "C" not null,
    acted_at        timestamptz not null,
    phone_number_id text collate "C" not null,
    actor           text collate "C" not null,
    conversation_id bigint not null,
    constraint counted_acts_pkey primary key (id, act)
);

create table message_counts (
    -- How many minutes the row counts: a quarter of an hour, an hour, or a quarter of a day. The
    -- quarters of an hour say everything; the others are their sums, so that long ranges are read
    -- from few rows.
    width           smallint not null,
    -- Where they begin, in UTC. Hours and days of every time zone begin with a quarter of an hour.
    bucket_at       timestamptz not null,
    phone_number_id text collate "C" not null,
    direction       text collate "C" not null,
    -- '' while only statuses speak of the message.
    message_type    text collate "C" not null,
    -- '' for incoming messages, whose status is the conversation's.
    status          text collate "C" not null,
    -- For failed messages, -1 where no code was given; -1 for all others.
    error_code      integer not null,
    -- failed or expired where the message's file was given up, else ''.
    media_state     text collate "C" not null,
    messages        bigint not null,
    constraint message_counts_pkey primary key (
        width, bucket_at, phone_number_id, direction, message_type, status, error_code, media_state)
) with (fillfactor = 70);

create table wait_counts (
    -- The minutes in which the waits began, as in message_counts.
    width           smallint not null,
    bucket_at       timestamptz not null,
    phone_number_id text collate "C" not null,
    -- 0 for less than a second, n for at least 1.1^(n-1) seconds and less than 1.1^n: the middle of
    -- a slot is off by less than half a step, 5 %. -1 while nobody has answered.
    slot            smallint not null,
    -- Answered after more than 24 hours.
    late            boolean not null,
    waits           bigint not null,
    constraint wait_counts_pkey primary key (width, bucket_at, phone_number_id, slot, late)
) with (fillfactor = 70);

-- What the view's own statements look things up by; INDEXES are what its readers need besides.
create index counted_messages_by_person on counted_messages (person, direction, counted_at);
create index counted_links_by_user on counted_links (user_id);
create index counted_continuations_by_new on counted_continuations (new_stream);
create index counted_merges_by_stream on counted_merges (stream);
create index counted_merges_by_other_stream on counted_merges (other_stream);
create index counted_messages_by_file on counted_messages (media_id) where media_id is not null;
"""

INDEXES: LiteralString = """
-- Who has been waiting since a given quarter of an hour.
create index counted_waits_open on counted_waits (began_at) where answered_at is null;
-- What was done in a range.
create index counted_acts_by_time on counted_acts (acted_at);
"""

PLAIN_VIEWS: dict[str, LiteralString] = {
    "message_counts": """
select c.bucket_at, c.phone_number_id, c.direction, nullif(c.message_type, '') as message_type,
       nullif(c.status, '') as status, nullif(c.error_code, -1) as error_code, t.error_title,
       nullif(c.media_state, '') as media_state, c.messages
  from message_counts c
  left join error_titles t on t.error_code = c.error_code
 where c.width = 15
""",
    "wait_counts": """
select bucket_at, phone_number_id, slot >= 0 as answered,
       case when slot > 0 then power(1.1, slot - 1) when slot = 0 then 0 end as at_least_s,
       case when slot >= 0 then power(1.1, slot) end as less_than_s,
       late, waits
  from wait_counts
 where width = 15
""",
    "waits": """
select person, phone_number_id, began_at, answered_at
  from counted_waits
""",
}
