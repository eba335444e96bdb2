-- Wharf: everything that exists in the database, but for the tables of the views, which stand
-- with the view's code because each version of a view gets a schema of its own.
--
--   log   what happened: deliveries and events, append-only
--   ops   what is neither log nor view: keys, users, and whatever else can't be derived again
--   read  which version of each view is active, how far it is, and plain views for people with psql
--
-- `wharf schema apply` runs this file in one transaction. Applying it twice changes nothing.
-- It is run by a login that may create roles; the objects belong to wharf_owner.

do $$
declare
    role_name text;
begin
    foreach role_name in array array['wharf_owner', 'wharf_write', 'wharf_project', 'wharf_read'] loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I nologin', role_name);
        end if;
        if not pg_has_role(current_user, role_name, 'member') then
            execute format('grant %I to current_user', role_name);
        end if;
    end loop;
    -- A rebuild creates the next version's schema; a projector keeps its batch in a temporary table.
    execute format('grant create, temporary on database %I to wharf_owner', current_database());
    execute format('grant temporary on database %I to wharf_project', current_database());
    -- Limits of whoever signs in as the role itself, which a pooler does: it takes none with a
    -- connection. All others bring their own (events/database.py).
    begin
        execute (
            select string_agg(format('alter role %I in database %I set %I = %L;',
                                     role, current_database(), name, value), '')
              from (values ('wharf_write', 'lock_timeout', '5s'),
                           ('wharf_write', 'statement_timeout', '10s'),
                           ('wharf_write', 'idle_in_transaction_session_timeout', '10s'),
                           ('wharf_project', 'statement_timeout', '5s'),
                           ('wharf_project', 'idle_in_transaction_session_timeout', '10s'),
                           ('wharf_read', 'statement_timeout', '5s'),
                           ('wharf_read', 'idle_in_transaction_session_timeout', '10s'),
                           ('wharf_read', 'default_transaction_isolation', 'repeatable read'),
                           ('wharf_read', 'default_transaction_read_only', 'on')
                   ) as limits (role, name, value));
    exception when insufficient_privilege then
        raise notice 'the roles can not be given limits by this login: a pooler would have none';
    end;
    -- Search is quick with trigrams and correct without them: on a server that has not got the
    -- extension, or by a login that may not create it, the texts are read one after the other.
    if exists (select from pg_available_extensions where name = 'pg_trgm') then
        begin
            create extension if not exists pg_trgm;
        exception when insufficient_privilege then
            raise notice 'pg_trgm can not be created by this login: search will be slow';
        end;
    end if;
end
$$;

set local role wharf_owner;

create schema if not exists log;
create schema if not exists ops;
create schema if not exists read;

-- ---------------------------------------------------------------------------------------- log

-- Whoever holds this empty table in exclusive mode may append. A counter row in its place would
-- bloat under any snapshot that is held open.
create table if not exists log.append_lock ();

create table if not exists log.deliveries (
    id              bigint not null constraint deliveries_pkey primary key,
    key             uuid not null constraint deliveries_one_row_per_body unique,
    body            bytea not null,
    sha256          bytea not null,
    signature       text not null,
    secret          text not null,
    received_at     timestamptz not null,
    outcome         text not null,
    attempts        integer not null default 1,
    last_attempt_at timestamptz not null,
    constraint deliveries_sha256_is_32_bytes check (octet_length(sha256) = 32),
    constraint deliveries_outcome_is_known
        check (outcome in ('stored', 'duplicate', 'ignored', 'quarantined'))
);
comment on table log.deliveries is
    'One row per verified POST, byte for byte. A byte-identical redelivery raises attempts; nothing else changes.';
-- The ledger is read by time; what did not simply go well is rare, and looked for most.
create index if not exists deliveries_by_time on log.deliveries (received_at, id);
create index if not exists deliveries_not_stored on log.deliveries (outcome, received_at, id)
    where outcome <> 'stored';
comment on column log.deliveries.key is '48 bits of the first item''s time, 80 bits of the hash of the body';
comment on column log.deliveries.secret is 'Fingerprint of the app secret that the signature was made with';

create table if not exists log.events (
    position    bigint not null constraint events_pkey primary key,
    stream      text collate "C" not null,
    type        text collate "C" not null,
    version     smallint not null,
    data        jsonb not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    delivery_id bigint,
    pointer     text,
    dedupe      uuid not null constraint events_happen_once unique,
    actor       text,
    causation   bigint
);
comment on table log.events is 'The log: dense positions from 1, in commit order, never changed';
comment on column log.events.occurred_at is 'The sender''s time';
comment on column log.events.pointer is 'JSON pointer of the item in its delivery';
comment on column log.events.dedupe is '48 bits of the key''s time, 80 bits of the hash of the natural key';

-- A command decides on what its stream holds, and a conversation's past is read from it.
create index if not exists events_by_stream on log.events (stream, position);
-- What became of a delivery. New rows go to its end, so that an append pays next to nothing for it.
create index if not exists events_by_delivery on log.events (delivery_id) where delivery_id is not null;
-- What has settled an event that was not understood when it came.
create index if not exists events_by_cause on log.events (causation) where causation is not null;

create table if not exists log.delivery_items (
    delivery_id bigint not null,
    pointer     text not null,
    outcome     text not null,
    position    bigint,
    reason      text,
    constraint delivery_items_pkey primary key (delivery_id, pointer),
    constraint delivery_items_outcome_is_known
        check (outcome in ('duplicate', 'duplicate with other content', 'ignored'))
);
comment on table log.delivery_items is 'The items of a delivery that became no event, and why';

-- How often a message came.
create index if not exists delivery_items_of_event on log.delivery_items (position) where position is not null;

create or replace function log.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception '% on %.% is refused: the log is append-only', tg_op, tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
end
$$;

create or replace trigger events_are_append_only
    before update or delete or truncate on log.events
    for each statement execute function log.refuse_change();
create or replace trigger delivery_items_are_append_only
    before update or delete or truncate on log.delivery_items
    for each statement execute function log.refuse_change();
create or replace trigger deliveries_are_append_only
    before delete or truncate
        or update of id, key, body, sha256, signature, secret, received_at, outcome on log.deliveries
    for each statement execute function log.refuse_change();
-- "always": session_replication_role = replica would switch an ordinary trigger off.
alter table log.events enable always trigger events_are_append_only;
alter table log.delivery_items enable always trigger delivery_items_are_append_only;
alter table log.deliveries enable always trigger deliveries_are_append_only;

-- Appends deliveries and events in one commit and numbers the events densely in commit order.
--
-- The caller runs it as one autocommitted statement, so the lock lives for this call alone. The
-- lock is the first statement, and what follows are later ones, whose snapshots see what others
-- committed while this one waited: a deduplication in one statement with the lock would look at
-- a snapshot older than the lock.
--
--   p_deliveries  [{key, sha256, signature, secret, received_at, outcome, ignored: [{pointer, reason}]}]
--   p_bodies      the body of each delivery, in the same order
--   p_events      [{delivery (index into p_deliveries from 0, or null), pointer, stream, type, version,
--                   data, occurred_at, dedupe, actor, causation, delivery_id (of a stored delivery that
--                 is translated again)}]
--   p_streams, p_expected_position
--                 append only if none of these streams has an event after that position (a retry
--                 whose events are all there already is answered with them)
-- Answers the head after the append and, for each event in order, its position and whether it is
-- new; an event that was there before has the position it got then. The events of a byte-identical
-- redelivery are not looked at: they have no position and are not new.
create or replace function log.append_v1(
    p_deliveries        json,
    p_bodies            bytea[],
    p_events            json,
    p_streams           text[] default null,
    p_expected_position bigint default null
)
returns table (head bigint, positions bigint[], fresh boolean[])
language plpgsql security definer
set search_path = pg_catalog, pg_temp
-- One plan for the life of the session, through the indexes even while the tables are small.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_head     bigint;
    v_delivery bigint;
    v_now      timestamptz;
    v_moved    record;
begin
    lock table log.append_lock in exclusive mode;
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'append needs READ COMMITTED, not %', current_setting('transaction_isolation')
            using errcode = 'invalid_transaction_state';
    end if;
    v_now := clock_timestamp();
    v_head := coalesce((select max(e.position) from log.events e), 0);
    v_delivery := coalesce((select max(d.id) from log.deliveries d), 0);

    if p_streams is not null and exists (
        select from json_to_recordset(p_events) as n(dedupe uuid)
         -- No anti-join: a plan made while the log was empty would read all of it every time.
         where (select e.position from log.events e where e.dedupe = n.dedupe) is null
    ) then
        select s.stream, (select max(e.position) from log.events e where e.stream = s.stream) as position
          into v_moved
          from unnest(p_streams) as s(stream)
         order by 2 desc nulls last
         limit 1;
        if v_moved.position > p_expected_position then
            raise exception 'stream %: expected position %, found %',
                    v_moved.stream, p_expected_position, v_moved.position
                using errcode = 'WH001',
                      detail = json_build_object('stream', v_moved.stream, 'expected', p_expected_position,
                                                 'actual', v_moved.position);
        end if;
    end if;

    return query
    with posted as materialized (
        select n.ordinal - 1 as ordinal, d.key, b.body, d.sha256, d.signature, d.secret, d.received_at,
               d.outcome, d.ignored,
               row_number() over (partition by d.key order by n.ordinal) as nth,
               count(*) over (partition by d.key) as copies,
               max(d.received_at) over (partition by d.key) as last_received_at,
               (select k.id from log.deliveries k where k.key = d.key) as known_id
          from json_array_elements(p_deliveries) with ordinality as n(value, ordinal)
         cross join lateral json_to_record(n.value) as d(
               key uuid, sha256 text, signature text, secret text, received_at timestamptz,
               outcome text, ignored json)
          join unnest(p_bodies) with ordinality as b(body, ordinal) on b.ordinal = n.ordinal
    ), repeated as (
        -- No join: a plan made while the table was empty would read all of it every time.
        update log.deliveries k
           set (attempts, last_attempt_at) = (
               select k.attempts + p.copies, greatest(k.last_attempt_at, p.last_received_at)
                 from posted p
                where p.known_id = k.id and p.nth = 1)
         where k.id = any (array(select p.known_id from posted p where p.known_id is not null))
    ), first_seen as materialized (
        select p.*, v_delivery + row_number() over (order by p.ordinal) as id
          from posted p
         where p.known_id is null and p.nth = 1
    ), wanted as materialized (
        select n.ordinal, e.*, f.id as posted_id,
               row_number() over (partition by e.dedupe order by n.ordinal) as nth,
               (select k.position from log.events k where k.dedupe = e.dedupe) as known_position
          from json_array_elements(p_events) with ordinality as n(value, ordinal)
         cross join lateral json_to_record(n.value) as e(
               delivery integer, pointer text, stream text, type text, version smallint, data jsonb,
               occurred_at timestamptz, dedupe uuid, actor text, causation bigint, delivery_id bigint)
          left join first_seen f on f.ordinal = e.delivery
         where e.delivery is null or f.id is not null
    ), numbered as materialized (
        select w.*, v_head + row_number() over (order by w.ordinal) as position
          from wanted w
         where w.known_position is null and w.nth = 1
    ), appended as (
        insert into log.events (position, stream, type, version, data, occurred_at, recorded_at,
                                delivery_id, pointer, dedupe, actor, causation)
        select n.position, n.stream, n.type, n.version, n.data, n.occurred_at, v_now,
               coalesce(n.posted_id, n.delivery_id), n.pointer, n.dedupe, n.actor, n.causation
          from numbered n
         order by n.position
    ), repeats as materialized (
        select w.ordinal, w.posted_id, w.pointer, coalesce(w.known_position, n.position) as position,
               coalesce(w.data -> 'raw', w.data) is distinct from coalesce(
                   n.data -> 'raw', n.data,
                   -- By dedupe, which one index alone answers.
                   (select coalesce(k.data -> 'raw', k.data) from log.events k
                     where k.dedupe = w.dedupe)) as differs
          from wanted w
          left join numbered n on n.dedupe = w.dedupe
         where w.known_position is not null or w.nth > 1
    ), stored as (
        insert into log.deliveries (id, key, body, sha256, signature, secret, received_at, outcome,
                                    attempts, last_attempt_at)
        select f.id, f.key, f.body, decode(f.sha256, 'hex'), f.signature, f.secret, f.received_at,
               case when f.outcome <> 'ignored'
                     and not exists (select from numbered n where n.posted_id = f.id)
                    then 'duplicate' else f.outcome end,
               f.copies, f.last_received_at
          from first_seen f
         order by f.id
    ), accounted as (
        insert into log.delivery_items (delivery_id, pointer, outcome, position, reason)
        select r.posted_id, r.pointer,
               case when r.differs then 'duplicate with other content' else 'duplicate' end, r.position, null
          from repeats r
         where r.posted_id is not null
        union all
        select f.id, i.pointer, 'ignored', null, i.reason
          from first_seen f
         cross join lateral json_to_recordset(f.ignored) as i(pointer text, reason text)
    )
    select v_head + (select count(*) from numbered),
           array_agg(coalesce(n.position, r.position) order by i.ordinal),
           array_agg(n.position is not null order by i.ordinal)
      from generate_series(1, json_array_length(p_events)) as i(ordinal)
      left join numbered n on n.ordinal = i.ordinal
      left join repeats r on r.ordinal = i.ordinal;
end
$$;
comment on function log.append_v1 is 'The only way to append; see schema.sql';

-- Takes what `wharf events export` wrote, into an empty log only, with the positions it had. A whole
-- import is one transaction of several calls: whatever is in the log already has to be its own.
create or replace function log.import_v1(
    p_deliveries jsonb,
    p_bodies     bytea[],
    p_items      jsonb,
    p_events     jsonb
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    lock table log.append_lock in exclusive mode;
    if exists (select from log.events e where e.xmin <> pg_current_xact_id()::xid)
       or exists (select from log.deliveries d where d.xmin <> pg_current_xact_id()::xid) then
        raise exception 'the log is not empty' using errcode = 'object_not_in_prerequisite_state';
    end if;
    insert into log.deliveries
    select d.id, d.key, b.body, d.sha256, d.signature, d.secret, d.received_at, d.outcome, d.attempts,
           d.last_attempt_at
      from jsonb_array_elements(p_deliveries) with ordinality as n(value, ordinal)
     cross join lateral jsonb_to_record(n.value) as d(
           id bigint, key uuid, sha256 bytea, signature text, secret text, received_at timestamptz,
           outcome text, attempts integer, last_attempt_at timestamptz)
      join unnest(p_bodies) with ordinality as b(body, ordinal) using (ordinal);
    insert into log.delivery_items
    select i.delivery_id, i.pointer, i.outcome, i.position, i.reason
      from jsonb_to_recordset(p_items) as i(
           delivery_id bigint, pointer text, outcome text, position bigint, reason text);
    insert into log.events
    select e.position, e.stream, e.type, e.version, e.data, e.occurred_at, e.recorded_at, e.delivery_id,
           e.pointer, e.dedupe, e.actor, e.causation
      from jsonb_to_recordset(p_events) as e(
           position bigint, stream text, type text, version smallint, data jsonb,
           occurred_at timestamptz, recorded_at timestamptz, delivery_id bigint, pointer text,
           dedupe uuid, actor text, causation bigint);
end
$$;
comment on function log.import_v1 is 'For an empty log; only wharf_owner may';

-- Upcasting happens here and nowhere else: whoever reads events reads log.current. What is not
-- named is at its first version. docs/events.md says how a shape is changed.
create or replace function log.latest_version(p_type text) returns smallint
language sql immutable parallel safe
return (case p_type when 'CallChanged' then 2 else 1 end)::smallint;

-- From one version to the next: a branch for each shape that was ever changed, and never altered.
create or replace function log.lift(p_type text, p_version smallint, p_data jsonb) returns jsonb
language plpgsql immutable parallel safe as $$
begin
    case p_type || ' ' || p_version
        when 'CallChanged 1' then
            -- Beside an event the status was how it ended, and without one the step.
            return (p_data - 'event' - 'status' - 'duration_s') || jsonb_strip_nulls(jsonb_build_object(
                'step', coalesce(p_data ->> 'event', p_data ->> 'status'),
                'outcome', case when p_data ->> 'event' is not null then p_data ->> 'status' end,
                'duration_s', case when jsonb_typeof(p_data -> 'duration_s') = 'number'
                                     or p_data ->> 'duration_s' ~ '^[0-9]{1,9}$'
                                   then (p_data ->> 'duration_s')::numeric end));
        else
            raise exception 'no upcaster for % version %', p_type, p_version using errcode = 'WH002';
    end case;
end
$$;

create or replace function log.upcast(p_type text, p_version smallint, p_data jsonb) returns jsonb
language plpgsql immutable parallel safe as $$
declare
    v_latest constant smallint := log.latest_version(p_type);
    v_data jsonb := p_data;
begin
    if p_version > v_latest then
        raise exception '% version % is of a newer release, this schema knows up to %',
                p_type, p_version, v_latest
            using errcode = 'WH003', hint = 'run `wharf schema apply` of the newer release';
    end if;
    for v_version in p_version .. v_latest - 1 loop
        v_data := log.lift(p_type, v_version::smallint, v_data);
    end loop;
    return v_data;
end
$$;

create or replace view log.current as
select e.position, e.stream, e.type,
       log.latest_version(e.type) as version,
       case when e.version = log.latest_version(e.type)
            then e.data else log.upcast(e.type, e.version, e.data) end as data,
       e.occurred_at, e.recorded_at, e.delivery_id, e.pointer, e.actor, e.causation
  from log.events e;
comment on view log.current is 'Every event in its latest shape';

-- ---------------------------------------------------------------------------------------- ops

create table if not exists ops.schema_version (
    only_row boolean not null default true constraint schema_version_pkey primary key,
    version  integer not null,
    constraint schema_version_has_one_row check (only_row)
);

create table if not exists ops.api_keys (
    id           text not null constraint api_keys_pkey primary key,
    name         text not null,
    secret_hash  bytea not null,
    scopes       text[] not null,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz,
    revoked_at   timestamptz
);
-- Without any of them a key may see all business numbers, and be used from anywhere.
alter table ops.api_keys add column if not exists phone_number_ids text[];
alter table ops.api_keys add column if not exists networks cidr[];
alter table ops.api_keys add column if not exists last_used_at timestamptz;
comment on column ops.api_keys.last_used_at is 'To the minute or so: it is not written at each request';
comment on column ops.api_keys.secret_hash is 'SHA-256 of a secret with 256 random bits; the secret itself is shown once and never stored';

-- Who works here. A name is never given to somebody else, since the log says it of what its owner
-- did: who is removed keeps the row, and comes back to it.
create table if not exists ops.users (
    name       text collate "C" not null constraint users_pkey primary key,
    role       text not null,
    created_at timestamptz not null default now(),
    removed_at timestamptz,
    constraint users_name_is_plain check (name ~ '^[a-z0-9._-]{1,64}$'),
    constraint users_role_is_known check (role in ('agent', 'admin'))
);

-- A link opens once: using it deletes its row, and so does making another one.
create table if not exists ops.sign_in_links (
    secret_hash bytea not null constraint sign_in_links_pkey primary key,
    user_name   text collate "C" not null
                constraint sign_in_links_user_exists references ops.users (name),
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null
);

create table if not exists ops.sessions (
    secret_hash  bytea not null constraint sessions_pkey primary key,
    user_name    text collate "C" not null
                 constraint sessions_user_exists references ops.users (name),
    browser      text not null,
    created_at   timestamptz not null default now(),
    last_used_at timestamptz not null default now(),
    expires_at   timestamptz not null
);
create index if not exists sessions_by_user on ops.sessions (user_name);
comment on column ops.sessions.secret_hash is 'SHA-256 of the random token in the browser''s cookie';
comment on column ops.sessions.browser is 'Its family and its system, and nothing that tells one person from another';
comment on column ops.sessions.last_used_at is 'To the minute or so: it is not written at each request';

-- What a command with an Idempotency-Key was answered, for a day, so that it can be answered again.
-- Until then it is being done, by somebody whose lease goes on.
create table if not exists ops.idempotency_keys (
    id           bytea not null constraint idempotency_keys_pkey primary key,
    actor        text not null,
    body_hash    bytea not null,
    begun_at     timestamptz not null,
    leased_until timestamptz not null,
    status       integer,
    headers      jsonb,
    answer       bytea
);
create index if not exists idempotency_keys_by_age on ops.idempotency_keys (begun_at);
create index if not exists idempotency_keys_by_actor on ops.idempotency_keys (actor, begun_at);
comment on column ops.idempotency_keys.id is 'SHA-256 of who asked, the method, the address and the key';

-- Handshakes, and POSTs that were not taken: the latest of each kind, without their content, and
-- how many there were. Both are bounded by who writes them: anybody on the internet may knock.
create table if not exists ops.attempts (
    id         bigint generated always as identity constraint attempts_pkey primary key,
    kind       text not null,
    at         timestamptz not null,
    reason     text not null,
    body_bytes bigint,
    network    text,
    constraint attempts_kind_is_known check (kind in ('delivery', 'handshake'))
);
create index if not exists attempts_by_kind on ops.attempts (kind, id);
comment on column ops.attempts.network is 'Where it came from, as a network: an address can be a person''s';

create table if not exists ops.attempt_counts (
    hour   timestamptz not null,
    kind   text not null,
    reason text not null,
    count  bigint not null,
    constraint attempt_counts_pkey primary key (hour, kind, reason)
);
-- A job per file that is to be downloaded. What became of it is in the log; this is who is at it
-- now, and when it is the next time.
create table if not exists ops.media_jobs (
    media_id        text collate "C" not null,
    phone_number_id text collate "C" not null,
    -- The position of the event that asked for it: the message, or the latest wish to try again.
    asked           bigint not null,
    stream          text not null,
    message_id      text,
    mime_type       text,
    sha256_sent     text,
    url             text,
    received_at     timestamptz not null,
    expires_at      timestamptz not null,
    attempts        integer not null default 0,
    -- When it may be taken up; while somebody is at it, the end of the lease.
    next_at         timestamptz not null default now(),
    lease           uuid,
    reason          text,
    warned_at       timestamptz,
    closed_at       timestamptz,
    constraint media_jobs_pkey primary key (media_id, phone_number_id)
) with (fillfactor = 70);
-- What is due, and what will be too late soon.
create index if not exists media_jobs_due on ops.media_jobs (next_at) where closed_at is null;
create index if not exists media_jobs_expiring on ops.media_jobs (expires_at) where closed_at is null;

-- An event that a version of a view can not apply: put aside, so that the view goes on without it.
create table if not exists ops.poison (
    view      text not null,
    version   integer not null,
    position  bigint not null,
    sqlstate  text,
    error     text not null,
    put_at    timestamptz not null default now(),
    tries     integer not null default 1,
    -- Somebody has looked at it and wants the view to go without the event.
    skipped_at timestamptz,
    constraint poison_pkey primary key (view, version, position)
);

-- What holds a version of a view up that is no event's fault. It is over when the version has moved on.
create table if not exists ops.held_up (
    view     text not null,
    version  integer not null,
    position bigint not null,
    error    text not null,
    since    timestamptz not null default now(),
    constraint held_up_pkey primary key (view, version)
);

-- How the last comparison of a view's active version with a fresh replay came out: what differs is
-- counted by table and column, without a word of what it says.
create table if not exists ops.verifications (
    view        text not null constraint verifications_pkey primary key,
    version     integer not null,
    position    bigint not null,
    began_at    timestamptz not null,
    ended_at    timestamptz not null default clock_timestamp(),
    differences bigint not null,
    tables      jsonb not null
);

-- What somebody wants as a file, who is making it, and what came of it.
create table if not exists ops.exports (
    id             uuid not null constraint exports_pkey primary key,
    actor          text not null,
    -- What they may see, as it was when they asked.
    scopes         text[] not null,
    numbers        text[],
    wish           jsonb not null,
    created_at     timestamptz not null default now(),
    attempts       integer not null default 0,
    -- When it may be taken up; while somebody is at it, the end of the lease.
    next_at        timestamptz not null default now(),
    lease          uuid,
    rows           bigint not null default 0,
    bytes          bigint,
    sha256         text,
    file           text,
    -- Of the read tables, and the least and the greatest of the rows.
    position       bigint,
    first_position bigint,
    last_position  bigint,
    made_at        timestamptz,
    failed_at      timestamptz,
    reason         text,
    expires_at     timestamptz
);
create index if not exists exports_due on ops.exports (next_at)
    where made_at is null and failed_at is null;
create index if not exists exports_by_actor on ops.exports (actor, created_at);

-- --------------------------------------------------------------------------------------- read

create table if not exists read.versions (
    view          text not null,
    version       integer not null,
    schema_name   text not null constraint versions_one_per_schema unique,
    state         text not null,
    position      bigint not null default 0,
    superseded_at timestamptz,
    constraint versions_pkey primary key (view, version),
    constraint versions_state_is_known check (state in ('building', 'ready'))
) with (fillfactor = 50);
alter table read.versions add column if not exists definition text;
alter table read.versions add column if not exists builder text;
alter table read.versions add column if not exists began_at timestamptz;
alter table read.versions add column if not exists began_position bigint;
alter table read.versions add column if not exists paused_at timestamptz;
alter table read.versions add column if not exists paused_by text;
comment on column read.versions.definition is
    'Hash of what the version was made by: a release whose view is another one leaves it alone';
comment on column read.versions.builder is 'Which process fills it, or did';
comment on column read.versions.paused_at is 'Since when projectors leave it alone, because of paused_by';
comment on column read.versions.began_at is 'When it began to, and from began_position on';
comment on table read.versions is 'Each version of each view and its checkpoint: the last position it has finished';

create table if not exists read.active (
    view    text not null constraint active_pkey primary key,
    version integer not null,
    constraint active_version_exists foreign key (view, version) references read.versions (view, version)
);
comment on table read.active is 'Which version of a view answers questions';

-- ------------------------------------------------------------------------------------- grants

revoke all on all tables in schema log, ops, read from public;
revoke all on all functions in schema log from public;

grant usage on schema log, ops to wharf_write;
grant execute on function log.append_v1 to wharf_write;
grant execute on function log.latest_version, log.lift, log.upcast to wharf_write, wharf_project;
grant select on log.deliveries, log.delivery_items, log.events, log.current to wharf_write;
grant select, insert, update (revoked_at, last_used_at) on ops.api_keys to wharf_write;
grant select, insert, update (role, removed_at) on ops.users to wharf_write;
grant select, insert, delete on ops.sign_in_links to wharf_write;
grant select, insert, update (last_used_at), delete on ops.sessions to wharf_write;
grant select, insert, update, delete on ops.idempotency_keys to wharf_write;
grant select, insert, delete on ops.attempts to wharf_write;
grant select, insert, update, delete on ops.attempt_counts to wharf_write;
grant select, insert, update on ops.media_jobs to wharf_write;
grant select on ops.poison to wharf_write;
grant select, insert, update, delete on ops.exports to wharf_write;

grant usage on schema log, read, ops to wharf_project;
grant select, insert, update, delete on ops.poison to wharf_project;
grant select, insert, update on ops.held_up to wharf_project;
grant select on ops.verifications to wharf_project;
grant select on log.events, log.current to wharf_project;
grant select, update (position) on read.versions to wharf_project;
grant select on read.active to wharf_project;

grant usage on schema read to wharf_read;
grant select on read.versions, read.active to wharf_read;

-- A newer one was refused before. It is raised with whatever an older release must not undo.
insert into ops.schema_version (version) values (2)
    on conflict (only_row) do update set version = excluded.version;
