"""Acts: what our people did with conversations, a row each, since they are few.

Which conversation it was, is the inbox's to say: the id in an event is that of a message, and
stands for whatever conversation that message belongs to.
"""

from typing import LiteralString

# Reading alone is no act.
EVENT_TYPES = (
    "NoteAdded",
    "NoteEdited",
    "NoteDeleted",
    "ConversationAssigned",
    "ConversationStateChanged",
    "LabelsChanged",
    "CustomerDetailsChanged",
)

# Who is given a conversation has a row of its own beside that of who gave it.
STORE_ACTS: LiteralString = """
insert into counted_acts (id, act, acted_at, phone_number_id, actor, conversation_id)
select i.position, a.act, i.occurred_at, i.phone_number_id, a.actor,
       (i.data ->> 'conversation_id')::bigint
  from stats_items i
 cross join lateral (
       select case when i.type = 'NoteAdded' then 'note'
                   when i.type = 'ConversationStateChanged' and i.data ->> 'state' = 'done'
                   then 'done' else 'other' end as act,
              i.actor
        where i.actor is not null
       union all
       select 'assigned', 'user:' || (i.data ->> 'assignee')
        where i.type = 'ConversationAssigned' and i.data ->> 'assignee' is not null) a
 where i.type in ('NoteAdded', 'NoteEdited', 'NoteDeleted', 'ConversationAssigned',
                  'ConversationStateChanged', 'LabelsChanged', 'CustomerDetailsChanged')
    on conflict do nothing
"""
