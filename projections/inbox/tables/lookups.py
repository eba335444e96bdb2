"""What the view's own statements look things up by; a rebuild has them from the start."""

from typing import LiteralString

INDEXES: LiteralString = """
-- A conversation's thread, its newest message, and the recount of a refiled one.
create index messages_by_conversation on messages (conversation_id, sorted_at, id);
-- What a ConversationRead marks: a stream up to a position.
create index messages_unread on messages (substr(filed_by, 2), id)
    where direction = 'in' and not read;
create index links_by_user on links (user_id);
create index continuations_by_new on continuations (new_stream);
create index merges_by_stream on merges (stream);
create index merges_by_other_stream on merges (other_stream);
create index details_by_conversation on details (conversation_id);
create index notes_by_conversation on notes (conversation_id, id);
create index notes_by_filing on notes (filed_under);
create index note_versions_by_note on note_versions (note_id, id);
"""
