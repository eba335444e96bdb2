"""The plain views in the schema `read`, for people with psql."""

from typing import LiteralString

PLAIN_VIEWS: dict[str, LiteralString] = {
    "messages": """
select id, phone_number_id, message_id, conversation_id, direction, message_type, status, text_body,
       caption, media, latitude, longitude, name, address, content, context, group_id,
       display_phone_number, customer_wa_id, customer_user_id, customer_parent_user_id,
       customer_username, customer_name, "timestamp", received_at, sorted_at, delivery_id, pointer,
       accepted_at, sent_at, delivered_at, read_at, played_at, failed_at, deleted_at,
       error_code, error_title, error_details,
       exists (select from revisions v
                where v.message_id = m.message_id and v.phone_number_id = m.phone_number_id
                  and v.kind = 'edited') as edited,
       exists (select from revisions v
                where v.message_id = m.message_id and v.phone_number_id = m.phone_number_id
                  and v.kind = 'deleted') as deleted
  from messages m
""",
    "statuses": """
select id, phone_number_id, message_id, status, participant, recipient_number, recipient_user_id,
       group_id, "timestamp", received_at, error_code, error_title, error_message, error_details,
       errors, pricing, conversation, callback_data, delivery_id, pointer
  from statuses
""",
    "conversations": """
select id, phone_number_id, display_phone_number, group_id, phone_number, user_id, parent_user_id,
       username, contact_name, display_name, customer_email, external_id, attributes,
       message_count, unread_count, marked_unread, failed_count, last_message_at, last_message_id,
       last_incoming_at, last_outgoing_at, waiting_since,
       last_incoming_at + interval '24 hours' as window_expires_at,
       assignee, state, snoozed_until, labels, notes_count,
       (select string_agg(n.body, e'\\n\\n' order by n.id) from notes n
         where n.conversation_id = c.id and n.deleted_at is null) as notes
  from conversations c
""",
    "notes": """
select id, conversation_id, body, author, created_at, edited_at, edited_by
  from notes
 where deleted_at is null
""",
    "reactions": """
select phone_number_id, message_id, reactor, emoji, reacted_at, id
  from reactions
""",
    "revisions": """
select id, phone_number_id, message_id, kind, author, text_body, caption, media, revised_at
  from revisions
""",
}
