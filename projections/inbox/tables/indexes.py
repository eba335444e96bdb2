"""What readers look things up by.

Made after the rows when a version is built: building an index costs less than keeping it up.
"""

from typing import LiteralString

INDEXES: LiteralString = """
-- GET messages/, newest first, as they arrived, and of one type.
create index messages_by_time on messages (sorted_at, id);
create index messages_by_arrival on messages (received_at, id);
-- Of one business number, and for keys that may see some alone: a number can have few messages.
create index messages_by_number on messages (phone_number_id, sorted_at, id);
create index messages_by_type on messages (message_type, sorted_at, id);
-- What is rare and looked for: each costs only the rows that are in it. By the steps and not by the
-- status: a status in an index would make each step of each message touch all indexes.
create index messages_of_error on messages (error_code, sorted_at, id)
    where error_code is not null;
create index messages_unread_by_time on messages (sorted_at, id)
    where direction = 'in' and not read;
create index messages_failed_by_time on messages (sorted_at, id) where failed_at is not null;
create index messages_deleted_by_time on messages (sorted_at, id) where deleted_at is not null;
create index messages_played_by_time on messages (sorted_at, id) where played_at is not null;
create index messages_by_media on messages ((media ->> 'media_id'), phone_number_id)
    where media is not null;
-- GET statuses/, newest first, and of one phone.
create index statuses_by_time on statuses (sorted_at, id);
create index statuses_by_number on statuses (phone_number_id, sorted_at, id);
create index statuses_by_recipient on statuses (recipient_number, sorted_at, id);
create index statuses_of_error on statuses (error_code, sorted_at, id)
    where error_code is not null;
create index statuses_unusual on statuses (status, sorted_at, id)
    where status not in ('sent', 'delivered', 'read');
-- GET conversations/ in each of its orders: newest first, the unread ones first, by name, by the
-- end of the window, by how long they wait; a time in place of what is missing.
create index conversations_by_time on conversations (last_message_at, id);
create index conversations_by_number on conversations (phone_number_id, last_message_at, id);
create index conversations_by_unread on conversations (unread, last_message_at, id);
create index conversations_by_name on conversations (name, id);
create index conversations_by_window
    on conversations (coalesce(last_incoming_at, '1970-01-01 UTC'), id);
create index conversations_by_waiting
    on conversations (coalesce(waiting_since, '9999-01-01 UTC'), id);
-- ... and those that a filter leaves, as far as they are the fewer.
create index conversations_assigned on conversations (assignee, last_message_at, id)
    where assignee is not null;
create index conversations_not_open on conversations (state, last_message_at, id)
    where state <> 'open';
create index conversations_failed on conversations (last_message_at, id) where failed_count > 0;
create index conversations_labelled on conversations using gin (labels) where labels <> '{}';
create index conversations_by_phone on conversations (phone_number);
create index conversations_by_external_id on conversations (external_id)
    where external_id is not null;
-- GET customers/ by the names and addresses that our people gave, which are few.
create index conversations_named_by_us on conversations (id) where display_name is not null;
create index conversations_with_email on conversations (id) where customer_email is not null;
create index identities_by_conversation on identities (conversation_id);
create index links_by_phone on links (wa_id);
-- The last digits of a phone.
create index links_by_phone_end on links (reverse(wa_id));
create index identities_by_phone_end on identities (reverse(split_part(identity, '#', 1)))
    where position('/p:' in identity) > 0;
create index merges_by_identity on merges (identity);
create index merges_by_other_identity on merges (other_identity);
create index revisions_by_message on revisions (message_id, phone_number_id);
"""

# For people with psql: the active version of the tables under names that stay.
