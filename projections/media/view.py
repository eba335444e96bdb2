"""The view `media` put together: references to files, and what became of them."""

from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg import Connection

from events.envelope import Position
from projections.media.tables import INDEXES, PLAIN_VIEWS, TABLES
from projections.reading import read
from projections.view import View, only


def _each(rule: LiteralString, *columns: LiteralString) -> LiteralString:
    """The rule for each of the columns, as assignments of an update."""
    return ",".join([rule.replace("COLUMN", column) for column in columns])


_FIRST_REFERENCE: LiteralString = """
       COLUMN = case when excluded.id < coalesce(m.id, excluded.id + 1)
                     then excluded.COLUMN else m.COLUMN end"""
_FIRST_STORED: LiteralString = """
       COLUMN = case when excluded.stored_position
                          < coalesce(m.stored_position, excluded.stored_position + 1)
                     then excluded.COLUMN else m.COLUMN end"""
_LATEST_FAILURE: LiteralString = """
       COLUMN = case when excluded.failed_position > coalesce(m.failed_position, 0)
                     then excluded.COLUMN else m.COLUMN end"""

# All that the range says of a file makes one row, so the log is read once and no row is touched
# twice. The first reference counts, and the first time that it was stored; the latest failure, and
# the latest wish to try again. An edit's file belongs to the message that was edited.
FOLD: LiteralString = (
    """
with said as materialized (
    select e.position, e.type, e.stream, e.occurred_at,
           coalesce(e.data -> 'media' ->> 'media_id', e.data ->> 'media_id') as media_id,
           e.data ->> 'phone_number_id' as phone_number_id,
           coalesce(e.data ->> 'target_message_id', e.data ->> 'message_id') as message_id,
           coalesce((e.data ->> 'received_at')::timestamptz, e.recorded_at) as received_at,
           e.data -> 'media' as media,
           case when e.type in ('MediaStored', 'MediaFailed') then e.data end as data
      from log.current e
     where e.position > %(after)s and e.position <= %(to)s
       and e.type in ('MessageReceived', 'MessageSent', 'MessageImported', 'MessageEdited',
                      'MediaStored', 'MediaFailed', 'MediaRequested')
       and (e.data -> 'media' ->> 'media_id' <> ''
            or e.type in ('MediaStored', 'MediaFailed', 'MediaRequested'))
), referred as (
    select distinct on (s.media_id collate "C", s.phone_number_id collate "C")
           s.media_id, s.phone_number_id, s.position, s.stream, s.message_id, s.media, s.received_at
      from said s
     where s.type not in ('MediaStored', 'MediaFailed', 'MediaRequested')
     order by s.media_id collate "C", s.phone_number_id collate "C", s.position
), stored as (
    select distinct on (s.media_id, s.phone_number_id)
           s.media_id, s.phone_number_id, s.position, s.occurred_at, s.data
      from said s
     where s.type = 'MediaStored'
     order by s.media_id, s.phone_number_id, s.position
), failed as (
    select distinct on (s.media_id, s.phone_number_id)
           s.media_id, s.phone_number_id, s.position, s.occurred_at, s.data
      from said s
     where s.type = 'MediaFailed'
     order by s.media_id, s.phone_number_id, s.position desc
), requested as (
    select s.media_id, s.phone_number_id, max(s.position) as position
      from said s
     where s.type = 'MediaRequested'
     group by s.media_id, s.phone_number_id
)
insert into media as m (
    media_id, phone_number_id, id, stream, message_id, mime_type, sha256_sent, url, filename,
    received_at, expires_at, stored_position, stored_at, sha256, size, stored_mime_type, store,
    failed_position, failed_at, reason, final, attempts, requested_position)
select media_id, phone_number_id, r.position, r.stream, r.message_id, r.media ->> 'mime_type',
       r.media ->> 'sha256', r.media ->> 'url', r.media ->> 'filename',
       r.received_at, r.received_at + interval '7 days',
       s.position, s.occurred_at, s.data ->> 'sha256', (s.data ->> 'size')::bigint,
       s.data ->> 'mime_type', s.data ->> 'store',
       f.position, f.occurred_at, f.data ->> 'reason', (f.data ->> 'final')::boolean,
       (f.data ->> 'attempts')::integer,
       w.position
  from referred r
  full join stored s using (media_id, phone_number_id)
  full join failed f using (media_id, phone_number_id)
  full join requested w using (media_id, phone_number_id)
    on conflict (media_id, phone_number_id) do update
   set"""
    + _each(
        _FIRST_REFERENCE,
        "id",
        "stream",
        "message_id",
        "mime_type",
        "sha256_sent",
        "url",
        "filename",
        "received_at",
        "expires_at",
    )
    + ","
    + _each(
        _FIRST_STORED,
        "stored_position",
        "stored_at",
        "sha256",
        "size",
        "stored_mime_type",
        "store",
    )
    + ","
    + _each(_LATEST_FAILURE, "failed_position", "failed_at", "reason", "final", "attempts")
    + """,
       requested_position = greatest(m.requested_position, excluded.requested_position)
"""
)

_FOLD_ONLY: LiteralString = only(FOLD)


def apply(conn: Connection[Any], after: Position, to: Position) -> None:
    """Make the rows of the events in (after, to]; inside the caller's transaction."""
    with conn.pipeline():
        read(conn, FOLD, after, to)


def apply_only(conn: Connection[Any], positions: Sequence[Position]) -> None:
    """Make the rows of these events alone; inside the caller's transaction."""
    conn.execute(_FOLD_ONLY, {"positions": list(positions)})


MEDIA = View(
    name="media",
    event_types=(
        "MessageReceived",
        "MessageSent",
        "MessageImported",
        "MessageEdited",
        "MediaStored",
        "MediaFailed",
        "MediaRequested",
    ),
    tables=TABLES,
    indexes=INDEXES,
    plain_views=PLAIN_VIEWS,
    apply=apply,
    apply_only=apply_only,
    keys={"media": ("media_id", "phone_number_id")},
    samples={
        "media": "(t.message_id, t.phone_number_id) in"
        " (select * from unnest(%(message_ids)s::text[], %(numbers)s::text[]))"
    },
)
