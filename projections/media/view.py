"""The view `media` put together: references to files, and what became of them."""

from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg import Connection

from events.envelope import Position
from projections.media.tables import INDEXES, PLAIN_VIEWS, TABLES
from projections.view import View, only

# The first reference counts. An edit's file belongs to the message that was edited.
REFER: LiteralString = """
insert into media (media_id, phone_number_id, id, stream, message_id, mime_type, sha256_sent, url,
                   filename, received_at, expires_at)
select distinct on (r.media_id, r.phone_number_id)
       r.media_id, r.phone_number_id, r.position, r.stream, r.message_id, r.mime_type,
       r.sha256_sent, r.url, r.filename, r.received_at, r.received_at + interval '7 days'
  from (select e.position, e.stream,
               e.data -> 'media' ->> 'media_id' as media_id,
               e.data ->> 'phone_number_id' as phone_number_id,
               coalesce(e.data ->> 'target_message_id', e.data ->> 'message_id') as message_id,
               e.data -> 'media' ->> 'mime_type' as mime_type,
               e.data -> 'media' ->> 'sha256' as sha256_sent,
               e.data -> 'media' ->> 'url' as url,
               e.data -> 'media' ->> 'filename' as filename,
               coalesce((e.data ->> 'received_at')::timestamptz, e.recorded_at) as received_at
          from log.current e
         where e.position > %(after)s and e.position <= %(to)s
           and e.type in ('MessageReceived', 'MessageSent', 'MessageImported', 'MessageEdited')
           and e.data -> 'media' ->> 'media_id' <> ''
        offset 0) r
 order by r.media_id, r.phone_number_id, r.position
on conflict (media_id, phone_number_id) do update
   set id = excluded.id,
       stream = excluded.stream,
       message_id = excluded.message_id,
       mime_type = excluded.mime_type,
       sha256_sent = excluded.sha256_sent,
       url = excluded.url,
       filename = excluded.filename,
       received_at = excluded.received_at,
       expires_at = excluded.expires_at
 where media.id is null or media.id > excluded.id
"""

STORED: LiteralString = """
insert into media (media_id, phone_number_id, stored_position, stored_at, sha256, size,
                   stored_mime_type, store)
select distinct on (e.data ->> 'media_id', e.data ->> 'phone_number_id')
       e.data ->> 'media_id', e.data ->> 'phone_number_id', e.position, e.occurred_at,
       e.data ->> 'sha256', (e.data ->> 'size')::bigint, e.data ->> 'mime_type',
       e.data ->> 'store'
  from log.current e
 where e.position > %(after)s and e.position <= %(to)s and e.type = 'MediaStored'
 order by e.data ->> 'media_id', e.data ->> 'phone_number_id', e.position
on conflict (media_id, phone_number_id) do update
   set stored_position = excluded.stored_position,
       stored_at = excluded.stored_at,
       sha256 = excluded.sha256,
       size = excluded.size,
       stored_mime_type = excluded.stored_mime_type,
       store = excluded.store
 where media.stored_position is null or media.stored_position > excluded.stored_position
"""

FAILED: LiteralString = """
insert into media (media_id, phone_number_id, failed_position, failed_at, reason, final, attempts)
select distinct on (e.data ->> 'media_id', e.data ->> 'phone_number_id')
       e.data ->> 'media_id', e.data ->> 'phone_number_id', e.position, e.occurred_at,
       e.data ->> 'reason', (e.data ->> 'final')::boolean, (e.data ->> 'attempts')::integer
  from log.current e
 where e.position > %(after)s and e.position <= %(to)s and e.type = 'MediaFailed'
 order by e.data ->> 'media_id', e.data ->> 'phone_number_id', e.position desc
on conflict (media_id, phone_number_id) do update
   set failed_position = excluded.failed_position,
       failed_at = excluded.failed_at,
       reason = excluded.reason,
       final = excluded.final,
       attempts = excluded.attempts
 where media.failed_position is null or media.failed_position < excluded.failed_position
"""

REQUESTED: LiteralString = """
insert into media (media_id, phone_number_id, requested_position)
select e.data ->> 'media_id', e.data ->> 'phone_number_id', max(e.position)
  from log.current e
 where e.position > %(after)s and e.position <= %(to)s and e.type = 'MediaRequested'
 group by 1, 2
on conflict (media_id, phone_number_id) do update
   set requested_position = greatest(media.requested_position, excluded.requested_position)
"""

_STEPS: tuple[LiteralString, ...] = (REFER, STORED, FAILED, REQUESTED)
_STEPS_ONLY: tuple[LiteralString, ...] = tuple([only(statement) for statement in _STEPS])


def apply(conn: Connection[Any], after: Position, to: Position) -> None:
    """Make the rows of the events in (after, to]; inside the caller's transaction."""
    with conn.pipeline():
        for statement in _STEPS:
            conn.execute(statement, {"after": after, "to": to})


def apply_only(conn: Connection[Any], positions: Sequence[Position]) -> None:
    """Make the rows of these events alone; inside the caller's transaction."""
    with conn.pipeline():
        for statement in _STEPS_ONLY:
            conn.execute(statement, {"positions": list(positions)})


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
