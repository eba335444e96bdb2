"""Rows for the read tables, written as the projector would have left them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

NUMBER = "106540352242922"
ANA = "5511987654321"
MONDAY = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """So many seconds after Monday, ten o'clock."""
    return MONDAY + timedelta(seconds=seconds)


def insert(conn: Connection[Any], table: str, values: dict[str, Any]) -> None:
    conn.execute(
        sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values)),
        ),
        [Jsonb(value) if isinstance(value, dict | list) else value for value in values.values()],
    )


def message(conn: Connection[Any], id_: int, **more: Any) -> None:
    """A text from Ana, sent `id_` seconds after Monday, unless `more` says otherwise."""
    sent = more.pop("timestamp", at(id_))
    received = more.pop("received_at", sent + timedelta(milliseconds=204))
    values = {
        "id": id_,
        "phone_number_id": NUMBER,
        "message_id": f"wamid.{id_}",
        "conversation_id": 1,
        "filed_by": f"0{NUMBER}/p:{ANA}",
        "direction": "in",
        "message_type": "text",
        "text_body": f"hola {id_}",
        "customer_wa_id": ANA,
        "customer_name": "Ana",
        "display_phone_number": "+1 555-078-3881",
        "timestamp": sent,
        "received_at": received,
        "sorted_at": min(sent, received),
        "delivery_id": id_,
        **more,
    }
    insert(conn, "messages", values)


def conversation(conn: Connection[Any], id_: int = 1, **more: Any) -> None:
    """Ana's conversation, unless `more` says otherwise; its counts are not checked."""
    values = {
        "id": id_,
        "phone_number_id": NUMBER,
        "display_phone_number": "+1 555-078-3881",
        "phone_number": ANA,
        "contact_name": "Ana",
        "message_count": 1,
        "unread_count": 1,
        "last_message_at": at(id_),
        "last_message_id": id_,
        "last_incoming_at": at(id_),
        **more,
    }
    insert(conn, "conversations", values)
    if values["phone_number"] is not None:
        identity = f"{values['phone_number_id']}/p:{values['phone_number']}"
        insert(conn, "identities", {"identity": identity, "conversation_id": id_})


def status(conn: Connection[Any], id_: int, message_id: str, word: str, **more: Any) -> None:
    """A status of a message to Ana, `id_` seconds after Monday."""
    values = {
        "id": id_,
        "phone_number_id": NUMBER,
        "message_id": message_id,
        "status": word,
        "participant": "",
        "recipient_number": ANA,
        "timestamp": at(id_),
        "received_at": at(id_),
        "sorted_at": at(id_),
        "delivery_id": id_,
        **more,
    }
    insert(conn, "statuses", values)


def reaction(conn: Connection[Any], id_: int, message_id: str, emoji: str | None) -> None:
    values = {
        "id": id_,
        "phone_number_id": NUMBER,
        "message_id": message_id,
        "reactor": f"{NUMBER}/p:{ANA}/{id_}",
        "emoji": emoji,
        "reacted_at": at(id_),
    }
    insert(conn, "reactions", values)


def revision(
    conn: Connection[Any], id_: int, message_id: str, kind: str, text: str | None = None
) -> None:
    values = {
        "id": id_,
        "phone_number_id": NUMBER,
        "message_id": message_id,
        "kind": kind,
        "text_body": text,
        "revised_at": at(id_),
    }
    insert(conn, "revisions", values)


def file(conn: Connection[Any], media_id: str, state: str = "pending", **more: Any) -> None:
    """One that message 1 refers to, five tries behind it where it failed."""
    position = int(more.pop("id", 1))
    failed = {"failed_position": 9, "failed_at": at(9), "final": True, "attempts": 5}
    outcome: dict[str, Any] = {
        "pending": {},
        "stored": {"stored_position": 9, "stored_at": at(9), "sha256": "5e" * 32, "size": 9},
        "failed": {**failed, "reason": "wrong-hash"},
        "expired": {**failed, "reason": "expired"},
    }[state]
    values = {
        "media_id": media_id,
        "phone_number_id": NUMBER,
        "id": position,
        "stream": "s",
        "message_id": "wamid.1",
        "mime_type": "image/jpeg",
        "received_at": at(position),
        "expires_at": at(position + 7 * 86_400),
        **outcome,
        **more,
    }
    insert(conn, "media", values)


def find(conn: Connection[Any]) -> None:
    """The texts of all messages, as the view of the search would have them."""
    conn.execute(
        "insert into texts select message_id, phone_number_id, id, sorted_at, id, 0, findable("
        " jsonb_build_object('text', text_body, 'caption', caption, 'profile_name', customer_name,"
        "                    'username', customer_username, 'wa_id', customer_wa_id,"
        "                    'media', media), null, null)"
        "  from messages"
    )


def reach(conn: Connection[Any], position: int) -> None:
    """The view has come so far."""
    conn.execute("update read.versions set position = %s where view = 'inbox'", (position,))
