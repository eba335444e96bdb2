"""Filling a test's log, and looking at what the inbox makes of it."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, cast
from uuid import uuid4

import psycopg
from psycopg import Connection, sql
from psycopg.rows import dict_row

from events.append import append
from events.database import connect, connect_async
from events.dedupe import dedupe_key
from events.envelope import NewDelivery, NewEvent, Position
from projections import projector, versions
from projections.inbox.view import INBOX
from write_side.translation.delivery import translate

NUMBER = "106540352242922"
BUSINESS = "15550783881"
NOON = 1_763_000_000  # seconds; every time in these tests is NOON and some

Row = dict[str, Any]


def message(
    wamid: str,
    at: int,
    *,
    phone: str | None = None,
    user: str | None = None,
    name: str | None = None,
    username: str | None = None,
    text: str = "hola",
) -> Row:
    """The value of a change with one text message."""
    item: Row = {"id": wamid, "timestamp": str(NOON + at), "type": "text", "text": {"body": text}}
    contact: Row = {}
    if name or username:
        contact["profile"] = {
            key: value for key, value in (("name", name), ("username", username)) if value
        }
    if phone:
        item["from"] = phone
        contact["wa_id"] = phone
    if user:
        item["from_user_id"] = user
        contact["user_id"] = user
    return _value(contacts=[contact], messages=[item])


def status(
    wamid: str, step: str, at: int, *, phone: str | None = None, user: str | None = None
) -> Row:
    """The value of a change with one status."""
    item: Row = {"id": wamid, "status": step, "timestamp": str(NOON + at)}
    if phone:
        item["recipient_id"] = phone
    if user:
        item["recipient_user_id"] = user
    if step == "failed":
        item["errors"] = [{"code": 131047, "title": "Re-engagement message"}]
    return _value(statuses=[item])


def reacted(
    wamid: str,
    at: int,
    target: str,
    emoji: str,
    *,
    phone: str | None = None,
    user: str | None = None,
) -> Row:
    """The value of a change with one reaction to a message."""
    value = message(wamid, at, phone=phone, user=user)
    (item,) = value["messages"]
    del item["text"]
    item |= {"type": "reaction", "reaction": {"message_id": target, "emoji": emoji}}
    return value


def moved_to(
    wamid: str,
    at: int,
    *,
    phone: str | None = None,
    new_phone: str | None = None,
    user: str | None = None,
    new_user: str | None = None,
) -> Row:
    """The value of a change that says a person has a new phone, a new user id, or both."""
    system: Row = {"type": "user_changed_number" if new_phone else "user_changed_user_id"}
    item: Row = {"id": wamid, "timestamp": str(NOON + at), "type": "system", "system": system}
    for key, value in (
        ("wa_id", new_phone),
        ("user_id", new_user),
        ("previous_user_id", user),
    ):
        if value:
            system[key] = value
    if phone:
        item["from"] = phone
    return _value(messages=[item])


def _value(**arrays: object) -> Row:
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": BUSINESS, "phone_number_id": NUMBER},
        **arrays,
    }


def _field(value: Row) -> str:
    """Echoes and history come in fields of their own, known by their arrays."""
    if "message_echoes" in value:
        return "smb_message_echoes"
    if "user_id_update" in value:
        return "user_id_update"
    return "history" if "history" in value else "messages"


def echo(wamid: str, at: int, *, phone: str, text: str = "claro") -> Row:
    """The value of a change with a text that was sent from the phone app."""
    item: Row = {"from": BUSINESS, "to": phone, "id": wamid, "timestamp": str(NOON + at)}
    return _value(message_echoes=[{**item, "type": "text", "text": {"body": text}}])


def history(wamid: str, at: int, *, phone: str, sender: str, status: str, **content: object) -> Row:
    """The value of a change with one message out of a phone's history."""
    item: Row = {"from": sender, "id": wamid, "timestamp": str(NOON + at), **content}
    item.setdefault("type", "media_placeholder")
    item["history_context"] = {"status": status}
    thread = {"id": phone, "messages": [item]}
    chunk = {"phase": 0, "chunk_order": 1, "progress": 10}
    return _value(history=[{"metadata": chunk, "threads": [thread]}])


def in_envelope(values: Sequence[Row], nonce: int) -> Row:
    """The body of a POST with these values, unlike that of any other nonce."""
    changes = [{"field": _field(value), "value": value} for value in values]
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": changes}],
        "nonce": nonce,
    }


def post(url: str, *deliveries: Row | Sequence[Row]) -> None:
    """Append deliveries in their order, each a value or several in one POST, a commit each."""

    async def run() -> None:
        conn = await connect_async(url, "wharf_write")
        async with conn:
            for number, values in enumerate(deliveries):
                changes = values if isinstance(values, list | tuple) else [cast("Row", values)]
                body = json.dumps(in_envelope(changes, number)).encode()
                now = datetime.now(UTC)
                translation = translate(body, now)
                delivery = NewDelivery(
                    dedupe_key(0, sha256(body).hexdigest()),
                    body,
                    sha256(body).digest(),
                    "sha256=",
                    "test",
                    now,
                    translation.outcome,
                    tuple(translation.ignored),
                )
                await append(conn, [(0, event) for event in translation.events], [delivery])

    asyncio.run(run())


def mark_read(url: str, *streams: str, up_to: int) -> None:
    """Append a ConversationRead of streams (`u:…`, `p:…`) of the number."""

    async def run() -> None:
        conn = await connect_async(url, "wharf_write")
        async with conn:
            full = [f"{NUMBER}/{stream}" for stream in streams]
            event = NewEvent(
                full[0],
                "ConversationRead",
                1,
                {"conversation_id": 1, "streams": full, "up_to": up_to},
                datetime.now(UTC),
                dedupe_key(0, "read", *full, str(up_to)),
            )
            await append(conn, [(None, event)])

    asyncio.run(run())


def say(
    url: str,
    type_: str,
    of: int,
    *,
    stream: str = "p:551",
    actor: str = "user:luis",
    **data: object,
) -> Position:
    """Append an event that says something of the conversation `of`; its position."""

    async def run() -> Position:
        conn = await connect_async(url, "wharf_write")
        async with conn:
            full = f"{NUMBER}/{stream}"
            event = NewEvent(
                full,
                type_,
                1,
                {"conversation_id": of, "streams": [full], **data},
                datetime.now(UTC),
                uuid4().hex,
                actor=actor,
            )
            return (await append(conn, [(None, event)])).head

    return asyncio.run(run())


def empty(conn: Connection[Any]) -> None:
    """Forget log and views; only a superuser can, and only by taking the triggers away."""
    with conn.transaction():
        for table in ("events", "deliveries", "delivery_items"):
            name = sql.Identifier("log", table)
            guard = sql.Identifier(f"{table}_are_append_only")
            conn.execute(sql.SQL("alter table {} disable trigger {}").format(name, guard))
            conn.execute(sql.SQL("truncate {}").format(name))
            conn.execute(sql.SQL("alter table {} enable always trigger {}").format(name, guard))
        for table in INBOX.keys:
            conn.execute(sql.SQL("truncate {}").format(sql.Identifier("inbox_1", table)))
        conn.execute("update read.versions set position = 0")


class Projected:
    """The inbox in a database, brought up to date in steps of a given size."""

    def __init__(self, url: str) -> None:
        self.conn = projector.connect_projector(url)
        self.url = url

    def catch_up(self, step_events: int = projector.STEP_EVENTS) -> Position | None:
        return projector.catch_up(self.conn, INBOX, 1, step_events=step_events)

    def anew(self, step_events: int) -> dict[str, list[Row]]:
        """Every table, made again from nothing in steps of this size."""
        with as_superuser(self.url) as conn:
            for table in INBOX.keys:
                conn.execute(sql.SQL("truncate {}").format(sql.Identifier("inbox_1", table)))
            conn.execute("update read.versions set position = 0 where view = 'inbox'")
        self.catch_up(step_events=step_events)
        return self.dump()

    def dump(self) -> dict[str, list[Row]]:
        """Every table of the view, rows in the order of their keys."""
        return {table: self.rows(table) for table in INBOX.keys}

    def rows(self, table: str) -> list[Row]:
        with self.conn.transaction():
            versions.enter(self.conn, "inbox_1")
            with self.conn.cursor(row_factory=dict_row) as cursor:
                key = sql.SQL(", ").join(map(sql.Identifier, INBOX.keys[table]))
                query = sql.SQL("select * from {} order by {}").format(sql.Identifier(table), key)
                return cursor.execute(query).fetchall()

    def conversations(self) -> list[Row]:
        return self.rows("conversations")

    def message(self, wamid: str) -> Row:
        return next(row for row in self.rows("messages") if row["message_id"] == wamid)

    def together(self) -> list[list[str]]:
        """Which messages form a conversation, sorted; those of nobody are left out."""
        groups: dict[int, list[str]] = {}
        for row in self.rows("messages"):
            if row["conversation_id"] is not None:
                groups.setdefault(row["conversation_id"], []).append(row["message_id"])
        return sorted(sorted(group) for group in groups.values())


def without_arrival(dump: dict[str, list[Row]]) -> dict[str, list[tuple[Any, ...]]]:
    """The tables without what speaks of arrival; conversations named by their least message."""
    arrival = {
        "id", "conversation_id", "received_at", "delivery_id", "pointer", "last_message_id",
        "last_id", "last_incoming_id",
    }  # fmt: skip
    names: dict[int, str] = {}
    for row in sorted(dump["messages"], key=lambda row: str(row["message_id"]), reverse=True):
        names[row["conversation_id"]] = row["message_id"]
    shown: dict[str, list[tuple[Any, ...]]] = {}
    for table in ("messages", "statuses", "conversations", "reactions", "links"):
        rows = []
        for row in dump[table]:
            cells = [(k, str(v)) for k, v in sorted(row.items()) if k not in arrival]
            whose = row["id"] if table == "conversations" else row.get("conversation_id")
            rows.append((names.get(whose) if whose else None, *cells))
        shown[table] = sorted(rows, key=str)
    return shown


def as_superuser(url: str) -> Connection[Any]:
    return psycopg.connect(url, autocommit=True)


def owner(url: str) -> Connection[Any]:
    return connect(url, "wharf_owner")


def flat(groups: Iterable[Iterable[str]]) -> list[str]:
    return [name for group in groups for name in group]
