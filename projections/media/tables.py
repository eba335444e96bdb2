"""The table of the view `media`: a row per file, which a media id and a business number name.

Facts are kept and the state follows from them, so it does not matter which event comes first.
"""

from typing import LiteralString

TABLES: LiteralString = """
create table media (
    media_id           text collate "C" not null,
    phone_number_id    text collate "C" not null,
    -- The first event that refers to the file; all null while only outcomes speak of it.
    id                 bigint,
    stream             text collate "C",
    message_id         text collate "C",
    mime_type          text,
    -- As it was sent: base64 or hex.
    sha256_sent        text,
    url                text,
    filename           text,
    received_at        timestamptz,
    -- Meta forgets the media id seven days after the webhook.
    expires_at         timestamptz,
    -- The first time it was stored.
    stored_position    bigint,
    stored_at          timestamptz,
    sha256             text,
    size               bigint,
    stored_mime_type   text,
    store              text,
    -- The latest failure, and the latest wish to try again.
    failed_position    bigint,
    failed_at          timestamptz,
    reason             text,
    final              boolean,
    attempts           integer,
    requested_position bigint,
    -- The event that asked for the file last.
    asked              bigint generated always as (greatest(id, requested_position)) stored,
    state              text collate "C" generated always as (
        case
            when stored_position is not null then 'stored'
            when final and failed_position > coalesce(requested_position, 0) then
                case reason when 'expired' then 'expired' else 'failed' end
            else 'pending'
        end) stored,
    constraint media_pkey primary key (media_id, phone_number_id)
) with (fillfactor = 80);
"""

INDEXES: LiteralString = """
-- GET media/, newest first, and by state.
create index media_by_time on media (received_at, id);
create index media_by_state on media (state, received_at, id);
-- What has to be downloaded, in the order in which it was asked for.
create index media_pending on media (asked) where state = 'pending';
"""

PLAIN_VIEWS: dict[str, LiteralString] = {
    "media": """
select media_id, phone_number_id, id, message_id, mime_type, filename, received_at, expires_at,
       state, stored_at, sha256, size, store, failed_at, reason, final, attempts
  from media
""",
}
