"""Sources: what can be exported, and the lists that it comes from.

An export asks the API's own endpoints, page by page, as whoever wanted it: so filters, their
faults, order, masking and objects are exactly the list's.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, LiteralString, NamedTuple
from urllib.parse import urlencode

from psycopg.rows import DictRow
from psycopg.sql import SQL
from starlette.authentication import AuthCredentials
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from read_api import conversation_detail, conversation_list, message_list, parameters, status_list
from read_api.errors import InvalidParameter
from read_api.live import endpoints as live
from read_api.live.changes import Changes, Facts
from read_api.masking import masked
from read_api.message_rows import milliseconds
from read_api.models.change import Change
from read_api.models.conversation import Conversation
from read_api.models.message import Message
from read_api.models.page import Moment
from read_api.models.status import Status
from read_api.parser import Parser
from read_api.reading import Query, Reading

PAGE_ROWS = 200

Items = Sequence[tuple[str, str]]
Endpoint = Callable[[Request], Awaitable[Response]]

# What is about an answer and not about what is in the list.
NOT_FILTERS = frozenset({"cursor", "limit", "total", "fields", "messages", *parameters.FRESHNESS})

# The statuses of each message of a page, by the messages' own ids.
STATUSES = SQL("""
select m.id as of, {columns}
  from unnest(%(ids)s::bigint[]) as wanted(id)
 cross join lateral (
       select k.id, k.message_id, k.phone_number_id
         from messages k
        where k.id = wanted.id
       offset 0) m
  join statuses s on s.message_id = m.message_id and s.phone_number_id = m.phone_number_id
 order by m.id, s.sorted_at, s.id
""").format(columns=status_list.COLUMNS)


# Notes that were not deleted, in the order in which they were written.
NOTES: LiteralString = """
select n.id, n.body, n.author, n.created_at, n.edited_at, n.changed_id
  from notes n
 where n.conversation_id = %(conversation)s and n.deleted_at is null
 order by n.id
"""


class Standing(AuthCredentials):
    """What whoever wanted the export might see; `numbers` None are all business numbers."""

    def __init__(self, scopes: Sequence[str], numbers: Sequence[str] | None) -> None:
        super().__init__(scopes)
        self.numbers = numbers


class Record(TypedDict):
    """What each line of a customer's everything has beside its own fields."""

    record: Literal["conversation", "note", "message", "status"]


class NoteRecord(TypedDict):
    """What a colleague wrote of the conversation."""

    id: int
    body: str
    author: str | None
    created_at: Moment
    edited_at: Moment | None
    position: int


class Source(NamedTuple):
    """A kind of export: the scopes it takes, its filters, and the columns of its CSV by default."""

    scopes: tuple[str, ...]
    filters: Mapping[str, Parser]
    models: tuple[type[Any], ...]
    columns: tuple[str, ...]


def _filters(known: Mapping[str, Parser]) -> dict[str, Parser]:
    return {name: parser for name, parser in known.items() if name not in NOT_FILTERS}


_MESSAGE_COLUMNS = (
    "id", "timestamp", "direction", "customer.display_name", "customer.phone_e164", "from_number",
    "message_type", "text_body", "caption", "status", "error.code", "error.title", "media_url",
    "conversation_id", "phone_number_id", "message_id",
)  # fmt: skip

SOURCES: dict[str, Source] = {
    "messages": Source(
        ("messages:read",), _filters(message_list.PARAMETERS), (Message,), _MESSAGE_COLUMNS
    ),
    "conversations": Source(
        ("conversations:read",),
        _filters(conversation_list.PARAMETERS),
        (Conversation,),
        (
            "id", "customer.display_name", "customer.phone_e164", "customer_email",
            "last_message_at", "message_count", "unread_count", "failed_count", "waiting_since",
            "window_expires_at", "state", "assignee", "labels", "notes", "phone_number_id",
        ),
    ),
    "statuses": Source(
        ("messages:read",),
        _filters(status_list.PARAMETERS),
        (Status,),
        (
            "id", "timestamp", "message_id", "status", "recipient_number", "error_code",
            "error_message", "error.details", "participant", "phone_number_id", "received_at",
        ),
    ),
    "events": Source(
        ("stream:read",),
        _filters(live.CHANGES_PARAMETERS),
        (Change,),
        (
            "position", "at", "type", "conversation_id", "id", "message_id", "status", "media_id",
            "state", "phone_number_id",
        ),
    ),
    "customer": Source(
        ("conversations:read", "messages:read"),
        {"customer": parameters.position},
        (Record, Message, Status, NoteRecord, Conversation),
        ("record", *_MESSAGE_COLUMNS, "body", "author", "created_at"),
    ),
}  # fmt: skip


class Lists:
    """The lists as one caller sees them, over one reading."""

    def __init__(self, reading: Reading, facts: Facts, standing: AuthCredentials) -> None:
        self._reading = reading
        self._standing = standing
        self._lists: dict[str, tuple[str, Endpoint]] = {
            "messages": ("messages", partial(message_list.list_messages, reading)),
            "conversations": (
                "conversations",
                partial(conversation_list.list_conversations, reading),
            ),
            "statuses": ("statuses", partial(status_list.list_statuses, reading)),
            "events": ("changes", partial(live.list_changes, Changes(reading, facts))),
        }

    async def check(self, kind: str, filters: Items) -> None:
        """Ask for one row: what is wrong with the filters is wrong now. Raises as the list does."""
        source = SOURCES[kind]
        for name, _ in filters:
            if name not in source.filters:
                raise InvalidParameter(name, f"is no filter of {kind}")
        if kind == "customer":
            await self._conversation(_customer(filters))
        else:
            await self._page(kind, filters, 1)

    async def pages(self, kind: str, filters: Items) -> AsyncIterator[list[dict[str, Any]]]:
        """Everything that is in the list, in its order, some rows at a time."""
        if kind == "customer":
            pages = self._everything_of(_customer(filters))
        else:
            pages = self._all_of(kind, filters)
        async for page in pages:
            yield page

    async def _all_of(self, kind: str, filters: Items) -> AsyncIterator[list[dict[str, Any]]]:
        asked = filters
        while True:
            answer = await self._page(kind, asked, PAGE_ROWS)
            yield answer[self._lists[kind][0]]
            if not answer["has_more"]:
                return
            if "next_after" in answer:
                asked = [item for item in filters if item[0] != "after"]
                asked.append(("after", str(answer["next_after"])))
            else:
                asked = [*filters, ("cursor", answer["next_cursor"])]

    async def _everything_of(self, customer: int) -> AsyncIterator[list[dict[str, Any]]]:
        """The conversation, its notes, its messages in order of time, each with its statuses."""
        conversation = await self._conversation(customer)
        yield [{"record": "conversation", **conversation}]
        notes = Query(NOTES, {"conversation": conversation["id"]})
        yield [_note(row) for row in (await self._reading.read([notes])).rows[0]]
        filters = [("conversation", str(conversation["id"])), ("sort", "timestamp")]
        async for messages in self._all_of("messages", filters):
            yield await self._with_statuses(messages)

    async def _with_statuses(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        query = Query(STATUSES, {"ids": [message["id"] for message in messages]})
        (rows,) = (await self._reading.read([query])).rows
        steps: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            step = {"record": "status", **status_list.status(row)}
            shown = step if "pii:read" in self._standing.scopes else masked(step)
            steps.setdefault(row["of"], []).append(shown)
        return [
            record
            for message in messages
            for record in ({"record": "message", **message}, *steps.get(message["id"], ()))
        ]

    async def _conversation(self, id_: int) -> dict[str, Any]:
        endpoint = partial(conversation_detail.current_conversation, self._reading)
        return await self._ask(endpoint, [("messages", "0")], {"id": str(id_)})

    async def _page(self, kind: str, filters: Items, rows: int) -> dict[str, Any]:
        # Each conversation's messages are an export of their own.
        more = [("messages", "0")] if kind == "conversations" else []
        return await self._ask(self._lists[kind][1], [*filters, *more, ("limit", str(rows))])

    async def _ask(
        self, endpoint: Endpoint, items: Items, ids: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        asked = Request(
            {
                "type": "http",
                "method": "GET",
                "scheme": "http",
                "server": ("export", 80),
                "path": "/",
                "query_string": urlencode(list(items)).encode(),
                "headers": [],
                "path_params": ids or {},
                "auth": self._standing,
            }
        )
        answer: dict[str, Any] = json.loads(bytes((await endpoint(asked)).body))
        return answer


def _note(row: DictRow) -> dict[str, Any]:
    edited_at = row["edited_at"]
    note: NoteRecord = {
        "id": row["id"],
        "body": row["body"],
        "author": None if row["author"] is None else row["author"].removeprefix("user:"),
        "created_at": milliseconds(row["created_at"]),
        "edited_at": None if edited_at is None else milliseconds(edited_at),
        "position": row["changed_id"],
    }
    return {"record": "note", **note}


def _customer(filters: Items) -> int:
    for name, text in filters:
        if name == "customer":
            return int(parameters.position(name, text))
    raise InvalidParameter("customer", "whose everything is to be exported?")
