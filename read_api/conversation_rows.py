"""What a conversation is in an answer."""

from datetime import datetime, timedelta

from psycopg.rows import DictRow

from read_api.message_rows import customer, preview, seconds
from read_api.models.conversation import Conversation, LastMessage, Window
from read_api.models.message import Message

# Meta's customer service window: so long after a customer's last message may a business write
# freely; later only by template.
WINDOW = timedelta(hours=24)
CLOSING = timedelta(hours=4)


def conversation(row: DictRow, last: list[Message], messages: int, now: datetime) -> Conversation:
    """The conversation as in a list, with the newest `messages` of `last`, oldest first."""
    expires_at = row["last_incoming_at"] and row["last_incoming_at"] + WINDOW
    state, until = row["state"], row["snoozed_until"]
    if state == "snoozed" and until is not None and until <= now:
        state = "open"
    return {
        "id": row["id"],
        "phone_number": row["phone_number"],
        "contact_name": row["contact_name"],
        "last_message_at": seconds(row["last_message_at"]),
        "unread_count": row["unread_count"],
        "message_count": row["message_count"],
        "messages": last if messages else [],
        "customer": customer(
            row["id"],
            row["phone_number"],
            row["user_id"],
            row["username"],
            row["contact_name"],
            row["display_name"],
        ),
        "phone_number_id": row["phone_number_id"],
        "group_id": row["group_id"],
        "last_message": _last_message(last),
        "waiting_since": row["waiting_since"] and seconds(row["waiting_since"]),
        "window_expires_at": expires_at and seconds(expires_at),
        "window": _window(expires_at, now),
        "assignee": row["assignee"],
        "state": state,
        "snoozed_until": seconds(until) if until is not None and state == "snoozed" else None,
        "labels": row["labels"],
        "marked_unread": row["marked_unread"],
        "notes_count": row["notes_count"],
        "notes": row["notes"],
        "customer_email": row["customer_email"],
        "external_id": row["external_id"],
        "attributes": row["attributes"],
        "failed_count": row["failed_count"],
        "position": row["changed_id"],
    }


def _last_message(last: list[Message]) -> LastMessage | None:
    if not last:
        return None
    newest = last[-1]
    return {
        "preview": preview(newest),
        "type": newest["message_type"],
        "direction": newest["direction"],
        "status": newest["status"],
    }


def _window(expires_at: datetime | None, now: datetime) -> Window:
    if expires_at is None or expires_at <= now:
        return "closed"
    return "closing" if expires_at - now < CLOSING else "open"
