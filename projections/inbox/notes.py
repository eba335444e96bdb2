"""Notes: each as its last version says; what is said of one may be applied before the note is."""

from typing import LiteralString

# Without a text it is the version that deletes the note.
STORE_VERSIONS: LiteralString = """
insert into note_versions (id, note_id, body, author, written_at)
select b.position, coalesce((b.data ->> 'note_id')::bigint, b.position), b.data ->> 'body',
       e.actor, b.occurred_at
  from batch b
  join log.current e on e.position = b.position
 where b.message_id is null and b.type in ('NoteAdded', 'NoteEdited', 'NoteDeleted')
    on conflict (id) do nothing
"""

STORE_NOTES: LiteralString = """
insert into notes (id, filed_under, conversation_id, stream, body, author, created_at, changed_id)
select b.position, (b.data ->> 'conversation_id')::bigint, m.conversation_id, b.stream,
       b.data ->> 'body', v.author, b.occurred_at, b.position
  from batch b
  join note_versions v on v.id = b.position
  left join lateral (
       select k.conversation_id from messages k
        where k.id = (b.data ->> 'conversation_id')::bigint limit 1) m on true
 where b.message_id is null and b.type = 'NoteAdded'
    on conflict (id) do nothing
"""

AMEND_NOTES: LiteralString = """
update notes n
   set (body, edited_at, edited_by, deleted_at, changed_id) = (
       select coalesce((array_agg(v.body order by v.id desc)
                        filter (where v.body is not null))[1], n.body),
              (array_agg(v.written_at order by v.id desc)
               filter (where v.body is not null and v.id <> n.id))[1],
              (array_agg(v.author order by v.id desc)
               filter (where v.body is not null and v.id <> n.id))[1],
              min(v.written_at) filter (where v.body is null),
              max(v.id)
         from note_versions v
        where v.note_id = n.id)
  from (select distinct (b.data ->> 'note_id')::bigint as id
          from batch b
         where b.message_id is null and b.type in ('NoteEdited', 'NoteDeleted')
         union
        select b.position from batch b where b.message_id is null and b.type = 'NoteAdded') s
 where n.id = s.id
"""

CARRY_NOTES: LiteralString = """
update notes n
   set conversation_id = r.conversation_id
  from refiled r
 where n.filed_under = r.id and n.conversation_id is distinct from r.conversation_id
"""
